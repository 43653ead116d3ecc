// Which heads are held or knocked out, as lists of names -> the same with some taken in or left out.
import { headName } from "../pattern/pattern.ts";

/** null: all of them */
export type Held = readonly string[] | null;

export interface Size {
  readonly nLayers: number;
  readonly nHeads: number;
}

export const layerHeads = (layer: number, { nHeads }: Size): string[] =>
  Array.from({ length: nHeads }, (_, head) => headName(layer, head));

const allHeads = (size: Size): string[] =>
  Array.from({ length: size.nLayers }, (_, layer) => layerHeads(layer, size)).flat();

export const isHeld = (held: Held, name: string): boolean => held === null || held.includes(name);

/** Layer by layer; a list of all heads is null. */
export function asHeld(names: ReadonlySet<string>, size: Size): string[] | null {
  const all = allHeads(size);
  const list = all.filter((name) => names.has(name));
  return list.length === all.length ? null : list;
}

/** These heads are held if one of them was not, else let go. */
export function toggleHeld(held: Held, names: readonly string[], size: Size): string[] | null {
  const now = new Set(held ?? allHeads(size));
  const take = names.some((name) => !now.has(name));
  for (const name of names) take ? now.add(name) : now.delete(name);
  return asHeld(now, size);
}

export function toggleOut(out: readonly string[], name: string, size: Size): string[] {
  const now = new Set(out);
  if (!now.delete(name)) now.add(name);
  return allHeads(size).filter((each) => now.has(each));
}
