// Thumbnails of all heads as 8-bit codes -> pixels of any size, keeping the largest value under a pixel.

import type { Scale } from "../kit/names.ts";
import { rampIndex } from "./color.ts";
import { LOG_DECADES } from "./scale.ts";

export interface Atlas {
  readonly id: string;
  /** [layer, head, query, key]; value = code * step */
  readonly codes: Uint8Array;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly nQuery: number;
  readonly nKey: number;
  readonly step: number;
  readonly causal: boolean;
  /** Made of patterns without their first key. */
  readonly renormalised: boolean;
  /** The first column is the first key alone, and that key is left out. */
  readonly firstExcluded: boolean;
}

/** One pixel for each of the 256 codes. */
export function atlasTable(step: number, scale: Scale, colors: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, code) => {
    const value = Math.min(1, code * step);
    const position =
      scale === "log" ? Math.max(0, value > 0 ? 1 + Math.log10(value) / LOG_DECADES : 0) : value;
    return colors[rampIndex(position)];
  });
}

/** For each of `size` pixels along an axis of `n` codes: the first code under it and one past the last. */
export function spans(n: number, size: number): Uint16Array {
  const out = new Uint16Array(size * 2);
  for (let i = 0; i < size; i++) {
    const from = Math.floor((i * n) / size + 1e-9);
    out[i * 2] = from;
    out[i * 2 + 1] = Math.min(n, Math.max(from + 1, Math.ceil(((i + 1) * n) / size - 1e-9)));
  }
  return out;
}

/**
 * Paint one head into `out`, whose rows are `stride` pixels, from pixel `start` on. Under a pixel that covers
 * several codes the largest one counts; above the diagonal of a causal pattern, and where the first key is left
 * out, lies `blank`.
 */
export function paintThumb(
  atlas: Atlas,
  index: number,
  table: Uint32Array,
  blank: number,
  out: Uint32Array,
  start: number,
  stride: number,
  width: number,
  height: number,
): void {
  const { codes, nQuery, nKey, causal, firstExcluded } = atlas;
  const base = index * nQuery * nKey;
  const columns = spans(nKey, width);
  const rows = spans(nQuery, height);
  for (let y = 0; y < height; y++) {
    const q0 = rows[y * 2];
    const q1 = rows[y * 2 + 1];
    const line = start + y * stride;
    for (let x = 0; x < width; x++) {
      const k0 = columns[x * 2];
      const k1 = columns[x * 2 + 1];
      if (causal && k0 >= q1) {
        out.fill(blank, line + x, line + width);
        break;
      }
      if (firstExcluded && k1 === 1) {
        out[line + x] = blank;
        continue;
      }
      let most = 0;
      for (let q = q0; q < q1; q++) {
        const row = base + q * nKey;
        for (let k = k0; k < k1; k++) if (codes[row + k] > most) most = codes[row + k];
      }
      out[line + x] = table[most];
    }
  }
}
