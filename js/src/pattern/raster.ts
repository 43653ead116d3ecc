// A pattern, its display and a colour table -> pixels of a window of it, one for each block of cells.

import { SHOWN_ONE } from "./color.ts";
import { type Pattern, rowLength, rowStart } from "./pattern.ts";
import { type Level, pool, shownLine } from "./pool.ts";
import { type Display, isUndefined } from "./scale.ts";

/** In blocks: rows [top, bottom) and columns [left, right). */
export interface Window {
  readonly block: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Fill `out`, row after row. Cells without a value stay transparent. */
export function paintWindow(
  pattern: Pattern,
  display: Display,
  table: Uint32Array,
  window: Window,
  out: Uint32Array,
): void {
  out.fill(0);
  if (window.block === 1) paintCells(pattern, display, table, window, out);
  else paintBlocks(pattern, display, table, window, pool(pattern, display, window.block), out);
}

function paintCells(
  pattern: Pattern,
  display: Display,
  table: Uint32Array,
  { top, bottom, left, right }: Window,
  out: Uint32Array,
): void {
  const width = right - left;
  const first = Math.max(left, display.skipFirst ? 1 : 0);
  for (let query = top; query < bottom; query++) {
    const factor = display.rows ? display.rows[query] : 1;
    if (Number.isNaN(factor)) continue;
    const start = rowStart(pattern, query);
    const end = Math.min(right, rowLength(pattern, query));
    const line = (query - top) * width - left;
    if (display.rows) {
      const { gain, shift } = shownLine(pattern, factor);
      for (let key = first; key < end; key++) {
        const shown = (gain * pattern.codes[start + key] + shift) | 0;
        out[line + key] = table[Math.min(shown, SHOWN_ONE)];
      }
    } else {
      for (let key = first; key < end; key++) out[line + key] = table[pattern.codes[start + key]];
    }
  }
}

function paintBlocks(
  pattern: Pattern,
  display: Display,
  table: Uint32Array,
  { block, top, bottom, left, right }: Window,
  level: Level,
  out: Uint32Array,
): void {
  const width = right - left;
  for (let row = top; row < bottom; row++) {
    const last = Math.min(pattern.nQuery, (row + 1) * block) - 1;
    if (isUndefined(display, row * block, last + 1)) continue;
    const end = Math.min(right, Math.ceil(rowLength(pattern, last) / block));
    const source = row * level.columns;
    const line = (row - top) * width - left;
    for (let column = left; column < end; column++) {
      out[line + column] = table[level.codes[source + column]];
    }
  }
}
