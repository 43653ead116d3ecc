// A geometry and where its cells lie -> the lines around it, just inside the borders of its cells.

import type { Placed } from "../pattern/layout.ts";
import { type Geometry, without } from "./geometry.ts";

/** Cells in sight: rows [q0, q1), columns [k0, k1). */
export interface CellWindow {
  readonly q0: number;
  readonly q1: number;
  readonly k0: number;
  readonly k1: number;
}

type Line = (x0: number, y0: number, x1: number, y1: number) => void;

/**
 * `inset`: how far inside the border, in pixels. At a corner that points outwards a line ends that much earlier, at
 * one that points inwards that much later, so that the lines of both sides meet.
 */
export function outline(
  { row, has }: Geometry,
  { q0, q1, k0, k1 }: CellWindow,
  { x, y, cell }: Placed,
  inset: number,
  line: Line,
): void {
  // One cell more on each side: what is cut off there ends out of sight.
  const at = (query: number) => row(query, k0 - 1, k1 + 1);
  let above = at(q0 - 2);
  let here = at(q0 - 1);
  for (let query = q0 - 1; query <= q1; query++) {
    const below = at(query + 1);
    for (const [beside, edge] of [
      [above, y + query * cell + inset],
      [below, y + (query + 1) * cell - inset],
    ] as const) {
      const runs = without(here, beside);
      for (let i = 0; i < runs.length; i += 2) {
        const from = runs[i];
        const to = runs[i + 1];
        const left = x + from * cell + (has(query, from - 1) ? -inset : inset);
        const right = x + to * cell + (has(query, to) ? inset : -inset);
        line(left, edge, right, edge);
      }
    }
    for (let i = 0; i < here.length; i += 2) {
      for (const [key, outside, edge] of [
        [here[i], here[i] - 1, x + here[i] * cell + inset],
        [here[i + 1] - 1, here[i + 1], x + here[i + 1] * cell - inset],
      ] as const) {
        const top = y + query * cell + turn(has, query - 1, key, outside, inset);
        const bottom = y + (query + 1) * cell - turn(has, query + 1, key, outside, inset);
        line(edge, top, edge, bottom);
      }
    }
    above = here;
    here = below;
  }
}

/** How a side goes on in the next row: it ends, runs on, or turns outwards. */
function turn(
  has: Geometry["has"],
  query: number,
  key: number,
  outside: number,
  inset: number,
): number {
  if (!has(query, key)) return inset;
  return has(query, outside) ? -inset : 0;
}
