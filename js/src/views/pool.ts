// A pattern -> the same pattern with blocks of cells replaced by their largest shown value, so that a
// stripe one cell wide stays visible when cells are smaller than pixels.
import { SHOWN_ONE } from "./color.ts";
import { type Pattern, rowLength, rowStart } from "./pattern.ts";
import type { Display } from "./scale.ts";

export interface Level {
  /** Cells a side of one block. */
  readonly block: number;
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], codes to look up in the colour table. */
  readonly codes: Uint16Array;
}

/** Value * row factor as a code, for displays with row factors. */
export function shownCode(pattern: Pattern, factor: number, code: number): number {
  const shown = (pattern.offset + pattern.step * code) * factor;
  return shown >= 1 ? SHOWN_ONE : shown > 0 ? Math.round(shown * SHOWN_ONE) : 0;
}

const levels = new WeakMap<Pattern, Map<string, Level>>();

export function levelOf(pattern: Pattern, display: Display, block: number): Level {
  const known = levels.get(pattern) ?? new Map<string, Level>();
  levels.set(pattern, known);
  const name = `${display.rows ? display.scale : "codes"} ${block}`;
  const level = known.get(name) ?? pool(pattern, display, block);
  known.set(name, level);
  return level;
}

export function pool(pattern: Pattern, display: Display, block: number): Level {
  const { codes, nQuery, nKey } = pattern;
  const rows = Math.ceil(nQuery / block);
  const columns = Math.ceil(nKey / block);
  const out = new Uint16Array(rows * columns);
  const first = display.skipFirst ? 1 : 0;
  for (let query = 0; query < nQuery; query++) {
    const factor = display.rows ? display.rows[query] : 1;
    if (Number.isNaN(factor)) continue;
    const start = rowStart(pattern, query);
    const length = rowLength(pattern, query);
    let target = Math.floor(query / block) * columns;
    for (let from = 0; from < length; from += block, target++) {
      const end = start + Math.min(from + block, length);
      let most = 0;
      for (let i = start + (from === 0 ? first : from); i < end; i++) {
        if (codes[i] > most) most = codes[i];
      }
      if (display.rows) most = shownCode(pattern, factor, most);
      if (most > out[target]) out[target] = most;
    }
  }
  return { block, rows, columns, codes: out };
}
