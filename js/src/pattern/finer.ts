// How the picture of a pooled pattern knows its finer parts: what it wants of them, and their pixels.

import type { Window } from "./raster.ts";
import type { Display } from "./scale.ts";

export interface TileId {
  /** Cells a side of one block. */
  readonly block: number;
  /** In tiles. */
  readonly row: number;
  readonly column: number;
}

/** Rows [q0, q1) and columns [k0, k1), in cells. */
export interface Sight {
  readonly q0: number;
  readonly q1: number;
  readonly k0: number;
  readonly k1: number;
}

export interface FinerParts {
  /** Parts that a picture of these cells is made of, all of one level; `cell`: how large a cell is. */
  wanted(sight: Sight, cell: number): readonly TileId[];
  /** Fill `out` from the finest parts there are; returns how many of the level itself were missing. */
  paint(display: Display, window: Window, out: Uint32Array): number;
}
