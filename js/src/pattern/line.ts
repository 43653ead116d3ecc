// One exact row or column of a long pattern -> its values, and what a scale shows of them.

export type Axis = "query" | "key";

export interface Line {
  /** What it is one of: "query" is a row, over keys. */
  readonly axis: Axis;
  readonly index: number;
  readonly codes: Uint16Array;
  /** value = offset + step * code */
  readonly offset: number;
  readonly step: number;
  readonly masked: boolean;
  /** shown = value * factor, NaN where undefined: one for a row, one a query for a column. null: shown as it is. */
  readonly factors: Float32Array | null;
}

/** null: masked. */
export function lineValue({ codes, offset, step, masked }: Line, at: number): number | null {
  const code = codes[at];
  return code === undefined || (masked && code === 0) ? null : offset + step * code;
}

/** null: masked or undefined. */
export function lineShown(line: Line, at: number): number | null {
  const value = lineValue(line, at);
  const { factors } = line;
  if (value === null || !factors) return value;
  const shown = value * (factors.length === 1 ? factors[0] : factors[at]);
  return Number.isNaN(shown) ? null : shown;
}
