// Points -> those that are shown, in the order in which they are painted: what should be seen comes last.

import type { Cloud } from "./screen.ts";
import { STEPS } from "./sizing.ts";

/** Up to this many points are sorted by their depth. */
const SORTED_UP_TO = 20_000;

/** While points are turned no more than about so many are painted; all are when they rest. */
const TURNED = 12_000;
/** Multiples of it, less their whole part, lie evenly between 0 and 1, however points are numbered. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** `hidden`, and while many points are turned most of the others too. */
export function hiddenInTurn(hidden: Uint8Array, selected: ReadonlySet<number>): Uint8Array {
  const share = TURNED / hidden.length;
  if (share >= 1) return hidden;
  return hidden.map((flag, i) => (flag || ((i * GOLDEN) % 1 > share && !selected.has(i)) ? 1 : 0));
}

/** `none`: the colour's code of points without a value; they lie underneath. */
export function drawingOrder(cloud: Cloud, codes: Uint16Array, none: number): Uint32Array {
  const { near, hidden } = cloud;
  const shown: number[] = [];
  for (let i = 0; i < hidden.length; i++) if (!hidden[i]) shown.push(i);
  if (near && shown.length <= SORTED_UP_TO) shown.sort((a, b) => near[a] - near[b]);
  else if (!near) {
    const under = shown.filter((i) => codes[i] === none);
    if (under.length) return Uint32Array.from(under.concat(shown.filter((i) => codes[i] !== none)));
  }
  return Uint32Array.from(shown);
}

export interface Painted {
  readonly order: Uint32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Index of the colour. */
  readonly color: Float32Array;
  /** Index of size and opacity. */
  readonly encoding: Float32Array;
}

export function painted(
  cloud: Cloud,
  order: Uint32Array,
  codes: Uint16Array,
  sizes: Uint8Array | null,
): Painted {
  const n = order.length;
  const result = {
    order,
    x: new Float32Array(n),
    y: new Float32Array(n),
    color: new Float32Array(n),
    encoding: new Float32Array(n),
  };
  for (let at = 0; at < n; at++) {
    const i = order[at];
    const depth = cloud.near ? Math.round(((cloud.near[i] + 1) / 2) * (STEPS - 1)) : STEPS - 1;
    result.x[at] = cloud.x[i];
    result.y[at] = cloud.y[i];
    result.color[at] = codes[i];
    result.encoding[at] = (sizes?.[i] ?? 0) * STEPS + depth;
  }
  return result;
}
