// Filters, column -> what it may be -> which points are let through; as src/attn_widgets/widgets/filters.py decides.

import { type Column, columnNamed, type HeadMap, headOf, NO_VALUE } from "./head_map.ts";

/** "name" -> a text; numbers -> [low, high]; categories -> values, "" for none. */
export type Filters = Readonly<Record<string, string | readonly number[] | readonly string[]>>;

export interface Filtered {
  /** [point], 1: not let through */
  readonly out: Uint8Array;
  /** [head], 1: no point of it is let through */
  readonly outHeads: Uint8Array;
  readonly points: number;
}

export function filtered(map: HeadMap, filters: Filters): Filtered {
  const n = map.info.n;
  const out = new Uint8Array(n);
  for (const [name, wanted] of Object.entries(filters)) {
    const lets = test(map, name, wanted);
    if (lets) for (let i = 0; i < n; i++) if (!out[i] && !lets(i)) out[i] = 1;
  }
  const outHeads = new Uint8Array(map.names.length).fill(1);
  let points = 0;
  for (let i = 0; i < n; i++) {
    if (out[i]) continue;
    points++;
    outHeads[headOf(map, i)] = 0;
  }
  return { out, outHeads, points };
}

type Test = (point: number) => boolean;

function test(map: HeadMap, name: string, wanted: Filters[string]): Test | null {
  if (name === "name") return nameTest(map, String(wanted));
  const column = columnNamed(map, name);
  if (!column || typeof wanted === "string") return null;
  if (column.type === "number") {
    const [low, high] = wanted as readonly number[];
    // numbers crossed with 24 bits of precision
    const [least, most] = [Math.fround(low), Math.fround(high)];
    return (point) => column.numbers[point] >= least && column.numbers[point] <= most;
  }
  const codes = new Set((wanted as readonly string[]).map((value) => codeOf(column, value)));
  const also = new Set<number>();
  for (const [point, code] of column.others ?? []) if (codes.has(code)) also.add(point);
  return (point) => codes.has(column.codes[point]) || also.has(point);
}

function nameTest(map: HeadMap, text: string): Test {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = map.names.map((name) => {
    const own = name.toLowerCase();
    return parts.every((part) => own.includes(part));
  });
  return (point) => found[headOf(map, point)];
}

function codeOf(column: Column & { type: "category" }, value: string): number {
  const code = value === "" ? -1 : keysOf(column).indexOf(value);
  return code < 0 ? NO_VALUE : code;
}

/** What filters call the values of a column. */
export function keysOf(column: Column & { type: "category" }): readonly string[] {
  return column.keys ?? column.values;
}

/** With this filter, or without any of that column where it is null. */
export function withFilter(
  filters: Filters,
  name: string,
  wanted: Filters[string] | null,
): Filters {
  const { [name]: _, ...others } = filters;
  return wanted === null || wanted.length === 0 ? others : { ...others, [name]: wanted };
}

/** One filter in words. */
export function filterText(map: HeadMap, name: string, wanted: Filters[string]): string {
  const column = columnNamed(map, name);
  const label = column?.label ?? (name === "name" ? "Name" : name);
  if (typeof wanted === "string") return `${label} has \u201c${wanted}\u201d`;
  if (column?.type !== "category") return `${label} ${wanted[0]} to ${wanted[1]}`;
  const keys = keysOf(column);
  const words = wanted.map((value) =>
    value === "" ? "none" : (column.values[keys.indexOf(String(value))] ?? String(value)),
  );
  return `${label}: ${words.join(", ")}`;
}
