// The shape of a motif and the size of a pattern -> the cells it covers, by row or one at a time.

/** Cells (query, key) that a motif covers, as compact as they can be said. */
export type Shape =
  | { type: "diagonal"; offset: number }
  | { type: "band"; from: number; to: number }
  | { type: "columns"; keys: number[] }
  /** Equal groups: shift 0 pairs a query with an earlier key, shift 1 with the key after that. -1 never pairs. */
  | { type: "match"; groups: number[]; shift: 0 | 1 }
  | { type: "cells"; queries: number[]; keys: number[] };

export interface Size {
  readonly nQuery: number;
  readonly nKey: number;
  readonly causal: boolean;
}

export interface Geometry {
  /** Keys covered in a row, of those in [from, to): [start, one past the end, start, ...], touching runs merged. */
  row(query: number, from: number, to: number): number[];
  /** False also outside the pattern. */
  has(query: number, key: number): boolean;
}

/** Adds a run after the ones before it. */
function add(runs: number[], start: number, end: number): void {
  if (start >= end) return;
  if (runs.length && runs[runs.length - 1] >= start) runs[runs.length - 1] = end;
  else runs.push(start, end);
}

/** Where `value` is or would stand in a sorted list. */
function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Runs of single keys from a sorted list, each moved by `shift`. */
function runsOf(sorted: ArrayLike<number>, from: number, to: number, shift = 0): number[] {
  const runs: number[] = [];
  for (let i = lowerBound(sorted, from - shift); i < sorted.length; i++) {
    const key = sorted[i] + shift;
    if (key >= to) break;
    add(runs, key, key + 1);
  }
  return runs;
}

const listed = (sorted: ArrayLike<number>, value: number) =>
  sorted[lowerBound(sorted, value)] === value;

const NO_KEYS: number[] = [];

type Cells = Pick<Geometry, "row" | "has">;

function cellsOf(shape: Shape): Cells {
  switch (shape.type) {
    case "diagonal": {
      const first = shape.offset < 0 ? 0 : Math.max(1, shape.offset);
      return interval(
        (query) => (query < first ? 0 : query - shape.offset),
        (query) => (query < first ? 0 : query - shape.offset + 1),
      );
    }
    case "band":
      return interval(
        (query) => query - shape.to,
        (query) => query - shape.from + 1,
      );
    case "columns": {
      const keys = [...shape.keys].sort((a, b) => a - b);
      return {
        row: (_, from, to) => runsOf(keys, from, to),
        has: (_, key) => listed(keys, key),
      };
    }
    case "match":
      return matches(shape.groups, shape.shift);
    case "cells": {
      const rows = grouped(shape.queries, (i) => shape.keys[i]);
      return {
        row: (query, from, to) => runsOf(rows.get(query) ?? NO_KEYS, from, to),
        has: (query, key) => listed(rows.get(query) ?? NO_KEYS, key),
      };
    }
  }
}

function interval(start: (query: number) => number, end: (query: number) => number): Cells {
  return {
    row(query, from, to) {
      const runs: number[] = [];
      add(runs, Math.max(from, start(query)), Math.min(to, end(query)));
      return runs;
    },
    has: (query, key) => key >= start(query) && key < end(query),
  };
}

/** Every pair of positions of a group, found from the group alone: there may be millions. */
function matches(groups: readonly number[], shift: number): Cells {
  const positions = grouped(groups, (i) => i);
  return {
    row(query, from, to) {
      const group = groups[query] ?? -1;
      if (group < 0) return [];
      return runsOf(
        positions.get(group)!,
        Math.max(from, shift),
        Math.min(to, query + shift),
        shift,
      );
    },
    has(query, key) {
      const group = groups[query] ?? -1;
      return group >= 0 && key >= shift && key < query + shift && groups[key - shift] === group;
    },
  };
}

function grouped(of: readonly number[], value: (i: number) => number): Map<number, number[]> {
  const out = new Map<number, number[]>();
  of.forEach((group, i) => {
    const list = out.get(group);
    if (list) list.push(value(i));
    else out.set(group, [value(i)]);
  });
  for (const list of out.values()) list.sort((a, b) => a - b);
  return out;
}

const known = new WeakMap<Shape, { size: string; geometry: Geometry }>();

/** Only cells that the pattern has. The same object for the same shape and size. */
export function geometryOf(shape: Shape, { nQuery, nKey, causal }: Size): Geometry {
  const size = `${nQuery} ${nKey} ${causal}`;
  const before = known.get(shape);
  if (before?.size === size) return before.geometry;
  const cells = cellsOf(shape);
  const end = (query: number) => (causal ? Math.min(nKey, query + 1) : nKey);
  const geometry: Geometry = {
    row(query, from, to) {
      if (query < 0 || query >= nQuery) return [];
      return cells.row(query, Math.max(0, from), Math.min(to, end(query)));
    },
    has: (query, key) =>
      query >= 0 && query < nQuery && key >= 0 && key < end(query) && cells.has(query, key),
  };
  known.set(shape, { size, geometry });
  return geometry;
}

/** Runs of `a` without those of `b`. */
export function without(a: readonly number[], b: readonly number[]): number[] {
  const runs: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let start = a[i];
    while (j < b.length && b[j + 1] <= start) j += 2;
    for (let at = j; at < b.length && b[at] < a[i + 1]; at += 2) {
      add(runs, start, b[at]);
      start = Math.max(start, b[at + 1]);
    }
    add(runs, start, a[i + 1]);
  }
  return runs;
}

const sizeOf = (runs: readonly number[]): number => {
  let size = 0;
  for (let i = 0; i < runs.length; i += 2) size += runs[i + 1] - runs[i];
  return size;
};

/** Where two outlines share less than this of the smaller one, they may cross. */
const CROSSING = 0.25;

/**
 * For each geometry the lowest level such that no two on one level share many of their cells in these rows and
 * columns: outlines of different levels nest instead of covering each other.
 */
export function levelsOf(
  geometries: readonly Geometry[],
  { q0, q1, k0, k1 }: { q0: number; q1: number; k0: number; k1: number },
): number[] {
  const all = geometries.map(({ row }) => {
    const rows = Array.from({ length: q1 - q0 }, (_, i) => row(q0 + i, k0, k1));
    return { rows, size: rows.reduce((sum, runs) => sum + sizeOf(runs), 0) };
  });
  const shared = (a: number[][], b: number[][]) =>
    a.reduce((sum, runs, i) => sum + sizeOf(runs) - sizeOf(without(runs, b[i])), 0);
  const levels: number[] = [];
  for (const [i, own] of all.entries()) {
    const taken = new Set(
      levels.filter((_, j) => {
        const most = CROSSING * Math.min(own.size, all[j].size);
        return shared(own.rows, all[j].rows) > most;
      }),
    );
    let level = 0;
    while (taken.has(level)) level++;
    levels[i] = level;
  }
  return levels;
}
