// A pattern and the name of a scale -> what each value is shown as, and where that lies from 0 to 1.

import type { Kind, Scale } from "../kit/names.ts";
import {
  codeRange,
  isAttention,
  isSigned,
  type Pattern,
  type Run,
  rowLength,
  rowStart,
  type ShownAs,
  valueAt,
} from "./pattern.ts";

export const LOG_DECADES = 4;
/** With less than this left beside the first key, a row's renormalised shape is noise. */
const LEAST_MASS = 1e-3;

export interface Display {
  readonly scale: Scale;
  /** The shown values at the two ends of the colour bar. */
  readonly low: number;
  readonly high: number;
  /** shown = value * rows[query]; NaN where the row is undefined; null: values are shown as they are. */
  readonly rows: Float64Array | null;
  readonly skipFirst: boolean;
  /** Rows that have no shown values at all. */
  readonly undefinedRows: readonly Run[];
}

/** Scores have no zero and differences no least value, so ratios and logarithms of them mean nothing. */
export function scalesFor(kind: Kind): Scale[] {
  const linearOnly = kind === "score" || isSigned(kind);
  return linearOnly ? ["linear"] : ["linear", "log", "row_max", "exclude_first"];
}

const displays = new WeakMap<Pattern, Map<Scale, Display>>();

export function displayOf(pattern: Pattern, wanted: Scale): Display {
  const scale = scaleOf(pattern, wanted);
  const known = displays.get(pattern) ?? new Map<Scale, Display>();
  displays.set(pattern, known);
  const display = known.get(scale) ?? makeDisplay(pattern, scale);
  known.set(scale, display);
  return display;
}

/** What this scale asks to be pooled. */
export function shownAsOf(kind: Kind, scale: Scale): ShownAs {
  const relative = scale === "row_max" || scale === "exclude_first";
  return relative && scalesFor(kind).includes(scale) ? scale : "linear";
}

/** Maxima of blocks are shown as what they are maxima of. */
function scaleOf({ kind, block, shownAs }: Pattern, wanted: Scale): Scale {
  const scale = scalesFor(kind).includes(wanted) ? wanted : "linear";
  if (block === 1 || shownAs === shownAsOf(kind, scale)) return scale;
  return shownAs;
}

function makeDisplay(pattern: Pattern, scale: Scale): Display {
  const { kind, offset, step, block } = pattern;
  if (block > 1 && (scale === "row_max" || scale === "exclude_first")) {
    const { undefinedRows } = pattern;
    const skipFirst = scale === "exclude_first";
    return { scale, low: 0, high: 1, rows: null, skipFirst, undefinedRows };
  }
  if (scale === "row_max" || scale === "exclude_first") {
    const rows = scale === "row_max" ? overRowMaximum(pattern) : overRestOfRow(pattern);
    const skipFirst = scale === "exclude_first";
    return { scale, low: 0, high: 1, rows, skipFirst, undefinedRows: undefinedRuns(rows) };
  }
  let low = 0;
  let high = 1;
  if (!isAttention(kind)) {
    const [lowest, highest] = codeRange(pattern);
    if (kind === "score") low = offset + step * lowest;
    high = offset + step * highest;
    if (isSigned(kind)) {
      high = Math.max(Math.abs(high), Math.abs(offset + step * lowest)) || 1;
      low = -high;
    }
    if (!(high > low)) high = low + 1;
  }
  if (scale === "log") low = high * 10 ** -LOG_DECADES;
  return { scale, low, high, rows: null, skipFirst: false, undefinedRows: [] };
}

function undefinedRuns(rows: Float64Array): Run[] {
  const runs: [number, number][] = [];
  for (let query = 0; query < rows.length; query++) {
    if (!Number.isNaN(rows[query])) continue;
    const last = runs.at(-1);
    if (last && last[1] === query) last[1] = query + 1;
    else runs.push([query, query + 1]);
  }
  return runs;
}

/** Whether none of the rows [from, to) has a shown value. */
export function isUndefined({ undefinedRows: runs }: Display, from: number, to: number): boolean {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle][1] < to) low = middle + 1;
    else high = middle;
  }
  return low < runs.length && runs[low][0] <= from;
}

function overRowMaximum(pattern: Pattern): Float64Array {
  const { codes, offset, step, nQuery } = pattern;
  const rows = new Float64Array(nQuery);
  for (let query = 0; query < nQuery; query++) {
    const start = rowStart(pattern, query);
    const end = start + rowLength(pattern, query);
    let most = 0;
    for (let i = start; i < end; i++) if (codes[i] > most) most = codes[i];
    const value = offset + step * most;
    rows[query] = value > 0 ? 1 / value : Number.NaN;
  }
  return rows;
}

function overRestOfRow(pattern: Pattern): Float64Array {
  const { codes, offset, step, nQuery } = pattern;
  const rows = new Float64Array(nQuery);
  for (let query = 0; query < nQuery; query++) {
    const start = rowStart(pattern, query);
    const length = rowLength(pattern, query);
    let sum = 0;
    for (let i = start + 1; i < start + length; i++) sum += codes[i];
    const mass = offset * (length - 1) + step * sum;
    rows[query] = mass >= LEAST_MASS ? 1 / mass : Number.NaN;
  }
  return rows;
}

/** What a cell shows under this scale: null where it is masked, dropped or undefined. */
export function shownAt(
  pattern: Pattern,
  display: Display,
  query: number,
  key: number,
): number | null {
  const value = valueAt(pattern, query, key);
  if (value === null || (display.skipFirst && key === 0)) return null;
  if (!display.rows) return value;
  const shown = value * display.rows[query];
  return Number.isNaN(shown) ? null : shown;
}

/** Where a shown value lies on the colour bar, from 0 to 1. */
export function positionOf(display: Display, shown: number): number {
  const { scale, low, high } = display;
  const position =
    scale === "log"
      ? shown > 0
        ? 1 + Math.log10(shown / high) / LOG_DECADES
        : 0
      : (shown - low) / (high - low);
  return Math.min(1, Math.max(0, position));
}

/** Labelled values for the colour bar, lowest first. */
export function ticksOf(display: Display): number[] {
  const { scale, low, high } = display;
  if (scale === "log") {
    return Array.from({ length: LOG_DECADES + 1 }, (_, i) => high * 10 ** (i - LOG_DECADES));
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9) + 0; i * step <= high + step * 1e-9; i++) {
    ticks.push(i * step);
  }
  return ticks;
}

export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return value.toExponential(1).replaceAll("-", "\u2212");
  if (size < 10) return value.toFixed(size < 1 ? 4 : 3).replace("-", "\u2212");
  return value.toFixed(size < 100 ? 2 : 1).replace("-", "\u2212");
}
