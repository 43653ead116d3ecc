// Tiles of single cells that are all here -> the row or column that runs through them, so that nobody has to be asked.

import type { Axis, Line } from "../pattern/line.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { TILE, type Tile } from "../pattern/tiles.ts";

/** null where a tile is missing, or where tiles hold what a scale shows and not the values. */
export function lineOfTiles(
  { nQuery, nKey, causal, shownAs }: Pattern,
  axis: Axis,
  index: number,
  tile: (row: number, column: number) => Tile | null,
): Line | null {
  if (shownAs !== "linear") return null;
  const row = axis === "query";
  const codes = new Uint16Array(row ? nKey : nQuery);
  const own = Math.floor(index / TILE);
  // above the diagonal there are none
  const first = causal && !row ? own : 0;
  const end = causal && row ? own + 1 : Math.ceil(codes.length / TILE);
  let found: Tile | null = null;
  for (let at = first; at < end; at++) {
    found = row ? tile(own, at) : tile(at, own);
    if (!found) return null;
    const within = index - own * TILE;
    const length = row ? found.width : found.height;
    for (let i = 0; i < length; i++) {
      codes[at * TILE + i] = found.codes[row ? within * found.width + i : i * found.width + within];
    }
  }
  if (!found) return null;
  const { offset, step, masked } = found;
  return { axis, index, codes, offset, step, masked, factors: null };
}
