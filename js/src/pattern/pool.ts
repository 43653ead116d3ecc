// A pattern -> the same pattern with blocks of cells replaced by their largest shown value, so that a
// stripe one cell wide stays visible when cells are smaller than pixels. Signed values: farthest from 0.
import { SHOWN_ONE } from "./color.ts";
import { isSigned, type Pattern, rowLength, rowStart, zeroCode } from "./pattern.ts";
import type { Display } from "./scale.ts";

export interface Level {
  /** Cells a side of one block. */
  readonly block: number;
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], codes to look up in the colour table. */
  readonly codes: Uint16Array;
  /** How many rows of the pattern are in it; all of them once it is complete. */
  done: number;
}

/** shownCode = trunc(gain * code + shift): value * row factor as a code, where SHOWN_ONE means 1. */
export function shownLine(pattern: Pattern, factor: number): { gain: number; shift: number } {
  const one = factor * SHOWN_ONE;
  return { gain: pattern.step * one, shift: pattern.offset * one + 0.5 };
}

const levels = new WeakMap<Pattern, Map<string, Level>>();

/** Levels are kept for as long as their pattern is. */
function levelOf(pattern: Pattern, display: Display, block: number): Level {
  const known = levels.get(pattern) ?? new Map<string, Level>();
  levels.set(pattern, known);
  const name = `${display.rows ? display.scale : "codes"} ${block}`;
  const rows = Math.ceil(pattern.nQuery / block);
  const columns = Math.ceil(pattern.nKey / block);
  const level = known.get(name) ?? {
    block,
    rows,
    columns,
    codes: new Uint16Array(rows * columns).fill(isSigned(pattern.kind) ? zeroCode(pattern) : 0),
    done: 0,
  };
  known.set(name, level);
  return level;
}

/** The block size nearest to `block` whose level is complete; null where there is none. */
export function nearestBlock(pattern: Pattern, display: Display, block: number): number | null {
  let best: number | null = null;
  for (const [name, level] of levels.get(pattern) ?? []) {
    if (!name.startsWith(display.rows ? display.scale : "codes")) continue;
    if (level.done < pattern.nQuery) continue;
    if (best === null || Math.abs(level.block - block) < Math.abs(best - block)) best = level.block;
  }
  return best;
}

/** The larger of two codes without a branch, which noise would make the processor mispredict. */
const larger = (a: number, b: number): number => {
  const difference = a - b;
  return a - (difference & (difference >> 31));
};

/** A level, made as far as it gets within `budget` ms; call again until `done` is all of `nQuery`. */
export function pool(
  pattern: Pattern,
  display: Display,
  block: number,
  budget = Number.POSITIVE_INFINITY,
): Level {
  const level = levelOf(pattern, display, block);
  const { nQuery } = pattern;
  const end = performance.now() + budget;
  const line = new Int32Array(level.columns);
  while (level.done < nQuery) {
    const stop = Math.min(nQuery, level.done + 32);
    for (let query = level.done; query < stop; query++)
      addRow(pattern, display, level, query, line);
    level.done = stop;
    if (performance.now() > end) break;
  }
  return level;
}

function addRow(
  pattern: Pattern,
  display: Display,
  level: Level,
  query: number,
  line: Int32Array,
): void {
  const { block, columns, codes } = level;
  const length = rowLength(pattern, query);
  if (isSigned(pattern.kind)) {
    addSignedRow(pattern, level, query);
    return;
  }
  const used = Math.ceil(length / block);
  const target = Math.floor(query / block) * columns;
  const first = display.skipFirst ? 1 : 0;
  if (display.rows) {
    const factor = display.rows[query];
    if (Number.isNaN(factor)) return;
    poolRow(pattern.codes, rowStart(pattern, query), length, block, first, line);
    const { gain, shift } = shownLine(pattern, factor);
    for (let i = 0; i < used; i++) {
      const shown = (gain * line[i] + shift) | 0;
      codes[target + i] = larger(codes[target + i], Math.min(shown, SHOWN_ONE));
    }
  } else {
    poolRow(pattern.codes, rowStart(pattern, query), length, block, first, line);
    for (let i = 0; i < used; i++) codes[target + i] = larger(codes[target + i], line[i]);
  }
}

function addSignedRow(pattern: Pattern, { block, columns, codes }: Level, query: number): void {
  const zero = zeroCode(pattern);
  const start = rowStart(pattern, query);
  const target = Math.floor(query / block) * columns;
  const length = rowLength(pattern, query);
  for (let key = 0; key < length; key++) {
    const code = pattern.codes[start + key];
    if (pattern.masked && code === 0) continue;
    const at = target + Math.floor(key / block);
    if (Math.abs(code - zero) > Math.abs(codes[at] - zero)) codes[at] = code;
  }
}

/** The largest code of each block of one row. Long loops over short ones: this runs for every cell. */
function poolRow(
  codes: Uint16Array,
  start: number,
  length: number,
  block: number,
  first: number,
  line: Int32Array,
): void {
  line.fill(0);
  const whole = Math.floor(length / block);
  for (let within = 0; within < block; within++) {
    let at = start + within;
    let i = 0;
    if (within < first) {
      at += block;
      i = 1;
    }
    for (; i < whole; i++, at += block) line[i] = larger(line[i], codes[at]);
  }
  for (let key = Math.max(first, whole * block); key < length; key++) {
    line[whole] = larger(line[whole], codes[start + key]);
  }
}
