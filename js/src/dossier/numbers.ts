// Numbers of heads -> as they are written, and where one stands among many.
import type { Column, HeadTable } from "./props.ts";

export const DASH = "\u2013";

/** Three figures at most. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size > 0 && size < 0.0005) return value < 0 ? "> \u22120.001" : "< 0.001";
  const whole = size >= 10 && Number.isInteger(value);
  const digits = whole || size >= 100 ? 0 : size >= 10 ? 1 : size > 0 && size < 0.01 ? 3 : 2;
  return value.toFixed(digits).replace("-", "\u2212");
}

export interface Rank {
  /** 1 for the most; equal ones share the first of their places. */
  readonly rank: number;
  readonly of: number;
}

/** null where the head has no value. */
export function rankOf(
  values: Float32Array,
  index: number,
  among: (i: number) => boolean,
): Rank | null {
  const own = values[index];
  if (!Number.isFinite(own)) return null;
  let rank = 1;
  let of = 0;
  for (let i = 0; i < values.length; i++) {
    if (!among(i) || !Number.isFinite(values[i])) continue;
    of++;
    if (values[i] > own) rank++;
  }
  return { rank, of };
}

export interface Spread {
  readonly low: number;
  readonly high: number;
  /** Of the model, and of all models; how many heads are in each bin. */
  readonly own: Uint32Array;
  readonly all: Uint32Array;
}

export const BINS = 28;

export function binOf(value: number, low: number, high: number): number {
  if (!(high > low)) return 0;
  return Math.max(0, Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS)));
}

const spreads = new WeakMap<Float32Array, Map<number, Spread>>();

/** Made once for each score and model. */
export function spreadOf(table: HeadTable, { values }: Column, model: number): Spread | null {
  if (!values) return null;
  const known = spreads.get(values) ?? new Map<number, Spread>();
  spreads.set(values, known);
  const made = known.get(model) ?? makeSpread(table, values, model);
  known.set(model, made);
  return made;
}

function makeSpread(table: HeadTable, values: Float32Array, model: number): Spread {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const own = new Uint32Array(BINS);
  const all = new Uint32Array(BINS);
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const bin = binOf(value, low, high);
    all[bin]++;
    if (table.model[i] === model) own[bin]++;
  });
  return { low, high, own, all };
}
