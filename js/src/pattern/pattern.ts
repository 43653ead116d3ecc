// One head's matrix [query, key] as quantised codes, or the maxima of its blocks -> single values. A code's order is its
// value's order.
import type { Kind } from "../kit/names.ts";

/** What was done to values before their blocks were pooled. */
export type ShownAs = "linear" | "row_max" | "exclude_first";

/** Rows [first, one past the last]. */
export type Run = readonly [number, number];

export interface Pattern {
  readonly id: string;
  readonly kind: Kind;
  readonly layer: number;
  readonly head: number;
  /** Row after row; a causal pattern keeps only keys up to the query. */
  readonly codes: Uint16Array;
  /** Cells a side that one code stands for, by the largest of them. 1: every cell is here. */
  readonly block: number;
  /** Of a pooled pattern: what its codes are the largest of. */
  readonly shownAs: ShownAs;
  /** Of a pooled pattern: rows that have no shown values. */
  readonly undefinedRows: readonly Run[];
  /** In tokens or words, also where the pattern is pooled. */
  readonly nQuery: number;
  readonly nKey: number;
  readonly causal: boolean;
  /** value = offset + step * code */
  readonly offset: number;
  readonly step: number;
  /** Code 0 stands for "no value", such as a score of minus infinity. */
  readonly masked: boolean;
}

/** Attention after the softmax: from 0 to 1. */
export function isAttention(kind: Kind): boolean {
  return kind === "pattern" || kind === "live" || kind === "frozen";
}

/** Values around 0, which matter by their size in either direction. */
export function isSigned(kind: Kind): boolean {
  return kind === "difference";
}

const coarse = new WeakMap<Pattern, Pattern>();

/** A pooled pattern as a matrix of its own, in which each block is a cell. */
export function blocksOf(pattern: Pattern): Pattern {
  const { block, nQuery, nKey } = pattern;
  if (block === 1) return pattern;
  const known = coarse.get(pattern);
  const size = (n: number) => Math.ceil(n / block);
  const blocks = known ?? { ...pattern, block: 1, nQuery: size(nQuery), nKey: size(nKey) };
  coarse.set(pattern, blocks);
  return blocks;
}

/** Where the codes of a row begin; of a pooled pattern ask its blocks. */
export function rowStart(pattern: Pattern, query: number): number {
  return pattern.causal ? (query * (query + 1)) / 2 : query * pattern.nKey;
}

export function rowLength(pattern: Pattern, query: number): number {
  return pattern.causal ? query + 1 : pattern.nKey;
}

/**
 * The value of a cell, or null where the cell is masked; of a pooled pattern that of its block. A signed value that
 * its code cannot tell from 0 is 0.
 */
export function valueAt(pattern: Pattern, query: number, key: number): number | null {
  if (pattern.causal && key > query) return null;
  const { block } = pattern;
  if (block > 1) {
    return valueAt(blocksOf(pattern), Math.floor(query / block), Math.floor(key / block));
  }
  const code = pattern.codes[rowStart(pattern, query) + key];
  if (pattern.masked && code === 0) return null;
  const value = pattern.offset + pattern.step * code;
  return isSigned(pattern.kind) && Math.abs(value) < 0.51 * pattern.step ? 0 : value;
}

/** The code whose value is nearest to 0. */
export function zeroCode({ offset, step }: Pattern): number {
  return Math.min(65535, Math.max(0, Math.round(-offset / step)));
}

/** The smallest and largest code of cells that have a value. */
export function codeRange(pattern: Pattern): [number, number] {
  const { codes, masked } = pattern;
  let low = 65535;
  let high = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code > high) high = code;
    if (code < low && !(masked && code === 0)) low = code;
  }
  return low > high ? [0, 0] : [low, high];
}

export function headName(layer: number, head: number): string {
  return `L${layer}H${head}`;
}
