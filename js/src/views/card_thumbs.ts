// Small square patterns as 8-bit codes -> pixels, one a code; the page enlarges them.
import { context2d } from "./dom.ts";

export interface Thumbs {
  /** [picture, query, key], value = code / 255 */
  readonly codes: Uint8Array;
  readonly side: number;
}

/** Whether no query of any picture looks at a later key. */
export function looksCausal({ codes, side }: Thumbs): boolean {
  for (let start = 0; start < codes.length; start += side) {
    const query = (start / side) % side;
    for (let key = query + 1; key < side; key++) if (codes[start + key] !== 0) return false;
  }
  return true;
}

/** The future of a causal pattern is `blank`: it is no attention of 0. */
export function thumbPixels(
  { codes, side }: Thumbs,
  index: number,
  colors: Uint32Array,
  blank: number | null,
  out: Uint32Array,
): void {
  const from = index * side * side;
  for (let query = 0, i = 0; query < side; query++) {
    for (let key = 0; key < side; key++, i++) {
      out[i] = blank !== null && key > query ? blank : colors[codes[from + i]];
    }
  }
}

export function paintThumb(
  canvas: HTMLCanvasElement,
  thumbs: Thumbs,
  index: number,
  colors: Uint32Array,
  blank: number | null,
): void {
  const { side } = thumbs;
  canvas.width = side;
  canvas.height = side;
  const context = context2d(canvas);
  const image = context.createImageData(side, side);
  thumbPixels(thumbs, index, colors, blank, new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}
