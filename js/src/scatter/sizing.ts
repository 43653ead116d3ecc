// How large and how opaque points are: by their number, by a column, by their depth.

import { rangeOf } from "./coloring.ts";
import { type Column, NO_VALUE } from "./head_map.ts";

/** Steps of size and of depth that are told apart. */
export const STEPS = 8;

/** [point], 0 to STEPS - 1; null: all of one size. Points without a value are the smallest. */
export function sizeSteps(column: Column | undefined, n: number): Uint8Array | null {
  if (!column) return null;
  const numbers =
    column.type === "number"
      ? column.numbers
      : Float32Array.from(column.codes, (code) => (code === NO_VALUE ? Number.NaN : code));
  const [low, high] = rangeOf(numbers);
  return Uint8Array.from({ length: n }, (_, i) =>
    Number.isNaN(numbers[i]) ? 0 : Math.round(((numbers[i] - low) / (high - low)) * (STEPS - 1)),
  );
}

/** The diameter of a point in CSS pixels, before the zoom. */
export function baseSize(n: number): number {
  return Math.min(9.5, Math.max(2.8, 9.5 - 2.3 * Math.log10(Math.max(1, n / 200))));
}

function baseOpacity(n: number): number {
  return Math.min(0.92, Math.max(0.45, 0.92 - 0.2 * Math.log10(Math.max(1, n / 1000))));
}

/** For each pair [size step, depth step]: the diameter and the opacity. Nearest is the last depth step. */
export function encodings(
  n: number,
  sized: boolean,
  deep: boolean,
  /** The scaling of the picture before any zoom, which sizes do not follow. */
  unzoomed = 1,
): { sizes: number[]; opacities: number[] } {
  const sizes: number[] = [];
  const opacities: number[] = [];
  const base = baseSize(n) / zoomedSize(1, unzoomed);
  for (let size = 0; size < STEPS; size++) {
    for (let depth = 0; depth < STEPS; depth++) {
      const near = deep ? depth / (STEPS - 1) : 1;
      const bySize = sized ? 0.55 + (1.65 * size) / (STEPS - 1) : 1;
      const byDepth = deep ? 0.62 + 0.58 * near : 1;
      sizes.push(base * bySize * byDepth);
      opacities.push(baseOpacity(n) * (deep ? 0.35 + 0.65 * near : 1));
    }
  }
  return { sizes, opacities };
}

/** Points grow with the zoom, but slower than the distances between them. */
export function zoomedSize(size: number, scaling: number): number {
  return scaling > 1 ? (size * Math.asinh(scaling)) / Math.asinh(1) : size * scaling;
}
