// What is pointed at or locked, and the rules for changing it. A null side means "no token on this axis".

import type { Unit } from "./names.ts";

export interface Cell {
  readonly query: number | null;
  readonly key: number | null;
}

/** A cell as widgets tell each other of it: the same numbers mean other places between words. */
export interface PlacedCell extends Cell {
  readonly unit?: Unit;
}

export const NOTHING: Cell = { query: null, key: null };

export function sameCell(a: Cell, b: Cell): boolean {
  return a.query === b.query && a.key === b.key;
}

export function isNothing(cell: Cell): boolean {
  return cell.query === null && cell.key === null;
}

/** A click on what is locked unlocks it; a click elsewhere locks that instead. */
export function toggleLock(locked: Cell, clicked: Cell): Cell {
  return sameCell(locked, clicked) ? NOTHING : clicked;
}

/** A lock may outlive the prompt it was made for: keep only what this pattern has. */
export function within(cell: Cell, nQuery: number, nKey: number): Cell {
  const fits = (index: number | null, n: number) =>
    index !== null && index >= 0 && index < n ? index : null;
  return { query: fits(cell.query, nQuery), key: fits(cell.key, nKey) };
}

/** Where the pointer is, filled up with the lock where the pointer names one axis only. */
export function pointed(hovered: Cell, locked: Cell): Cell {
  if (isNothing(hovered)) return locked;
  return hovered;
}

export interface Head {
  readonly layer: number;
  readonly head: number;
}

export function sameHead(a: Head, b: Head): boolean {
  return a.layer === b.layer && a.head === b.head;
}

/** A head and the model it is of; "" where that has no name. */
export interface NamedHead extends Head {
  readonly model: string;
}

/** Names of models are compared only where both sides have one. */
export function sameModelName(a: string, b: string): boolean {
  return a === "" || b === "" || a === b;
}

const clamp = (value: number, n: number) => Math.min(n - 1, Math.max(0, value));

export function clampHead({ layer, head }: Head, nLayers: number, nHeads: number): Head {
  return { layer: clamp(layer, nLayers), head: clamp(head, nHeads) };
}

/** Stepping past the last head of a layer goes on in the next one; the ends hold. */
export function stepHead(at: Head, by: number, nLayers: number, nHeads: number): Head {
  const flat = clamp(at.layer * nHeads + at.head + by, nLayers * nHeads);
  return { layer: Math.floor(flat / nHeads), head: flat % nHeads };
}

/** Pages of long prompts hold some heads; `heads` undefined: all. */
export function isHere(
  { layer, head }: Head,
  heads: readonly (readonly [number, number])[] | undefined,
): boolean {
  return !heads || heads.some(([l, h]) => l === layer && h === head);
}

/** The head itself where it is here, or else the next one that is, away from where one comes from. */
export function nextHere(
  to: Head,
  from: Head,
  heads: readonly (readonly [number, number])[] | undefined,
): Head {
  if (isHere(to, heads)) return to;
  const forwards = to.layer - from.layer || to.head - from.head;
  const after = (a: Head, b: Head) => Math.sign(a.layer - b.layer || a.head - b.head);
  const others = heads!
    .map(([layer, head]) => ({ layer, head }))
    .filter((one) => after(one, to) === Math.sign(forwards))
    .sort((a, b) => after(a, b) * Math.sign(forwards));
  return others[0] ?? from;
}

export function stepLayer(at: Head, by: number, nLayers: number): Head {
  return { layer: clamp(at.layer + by, nLayers), head: at.head };
}

export function moveCell(
  from: Cell,
  down: number,
  right: number,
  nQuery: number,
  nKey: number,
): Cell {
  if (from.query === null && from.key === null) return { query: nQuery - 1, key: 0 };
  return {
    query: clamp((from.query ?? 0) + down, nQuery),
    key: clamp((from.key ?? 0) + right, nKey),
  };
}
