// Small pictures of patterns as 8-bit codes -> pixels of any size, keeping the largest value under a pixel.
import { context2d } from "../kit/dom.ts";

export interface Thumbs {
  /** [picture, query, key] */
  readonly codes: Uint8Array;
  readonly nQuery: number;
  readonly nKey: number;
  /**
   * One a picture: into how many cells a side of a causal pattern falls, fewer than it has codes where a small
   * pattern fills its picture. 0: not causal.
   */
  readonly cells: ArrayLike<number>;
  /** The first column is the first key alone, and that key is left out. */
  readonly firstExcluded?: boolean;
}

export interface Ink {
  /** One for each of the 256 codes. */
  readonly colors: Uint32Array;
  /** What lies in the future of a causal pattern, or is left out: no attention of 0, but nothing. */
  readonly blank: number;
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

/** Paint one picture into `out`, whose rows are `stride` pixels, from pixel `start` on. */
export function paintThumb(
  thumbs: Thumbs,
  index: number,
  { colors, blank }: Ink,
  out: Uint32Array,
  start: number,
  stride: number,
  width: number,
  height: number,
): void {
  const { codes, nQuery, nKey, firstExcluded } = thumbs;
  const cells = thumbs.cells[index];
  const cellOf = (at: number, n: number) => Math.floor((at * cells) / n);
  const base = index * nQuery * nKey;
  const columns = spans(nKey, width);
  const rows = spans(nQuery, height);
  for (let y = 0; y < height; y++) {
    const q0 = rows[y * 2];
    const q1 = rows[y * 2 + 1];
    const line = start + y * stride;
    const now = cellOf(q1 - 1, nQuery);
    for (let x = 0; x < width; x++) {
      const k0 = columns[x * 2];
      const k1 = columns[x * 2 + 1];
      if (cellOf(k0, nKey) > now) {
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
      out[line + x] = colors[most];
    }
  }
}

/** One picture on a canvas of its own, one pixel a code unless told otherwise; the page enlarges it. */
export function paintCanvas(
  canvas: HTMLCanvasElement,
  thumbs: Thumbs,
  index: number,
  ink: Ink,
  width = thumbs.nKey,
  height = thumbs.nQuery,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = context2d(canvas);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  paintThumb(thumbs, index, ink, pixels, 0, width, width, height);
  context.putImageData(image, 0, 0);
}
