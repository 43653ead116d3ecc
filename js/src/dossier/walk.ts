// A list of heads, an order and the head on show -> the one before it and the one after.
import type { HeadTable } from "./props.ts";

/** As they are given, or by a score, the most first; heads without a value come last. */
export function walkOf(
  table: HeadTable,
  heads: readonly string[],
  current: string,
  order: string,
): readonly string[] {
  const own = table.indices.get(current);
  const walk = heads.length
    ? heads.filter((name) => table.indices.has(name))
    : table.names.filter((_, i) => own !== undefined && table.model[i] === table.model[own]);
  const values = table.columns.find(({ name }) => name === order)?.values;
  if (!values) return walk;
  const of = (name: string) => {
    const value = values[table.indices.get(name)!];
    return Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY;
  };
  // equal ones stay in their order
  return [...walk].sort((a, b) => (of(b) > of(a) ? 1 : of(b) < of(a) ? -1 : 0));
}

/** The neighbours of a head in a walk; one that is not in it comes before the first. */
export function besideIn(
  walk: readonly string[],
  current: string,
): { at: number; previous: string | null; next: string | null } {
  const at = walk.indexOf(current);
  return { at, previous: walk[at - 1] ?? null, next: walk[at + 1] ?? null };
}
