// Small square patterns as 8-bit codes -> pixels, one a code; the page enlarges them.
import { context2d } from "../kit/dom.ts";

export interface Thumbs {
  /** [picture, query, key], value = code / 255 */
  readonly codes: Uint8Array;
  readonly side: number;
  /** One a picture: into how many cells a side falls. A small pattern fills its picture with cells of several pixels. */
  readonly cells: readonly number[];
}

/** [query]: the first pixel of a row that lies in the future. */
function futures(side: number, cells: number): Uint16Array {
  const cellOf = (pixel: number) => Math.floor((pixel * cells) / side);
  const first = new Uint16Array(side);
  for (let query = 0, key = 0; query < side; query++) {
    while (key < side && cellOf(key) <= cellOf(query)) key++;
    first[query] = key;
  }
  return first;
}

/** Whether no query of any picture looks at a later key. */
export function looksCausal({ codes, side, cells }: Thumbs): boolean {
  return cells.every((n, index) => {
    const from = index * side * side;
    return futures(side, n).every((future, query) =>
      codes.subarray(from + query * side + future, from + (query + 1) * side).every((c) => c === 0),
    );
  });
}

/** The future of a causal pattern is `blank`: it is no attention of 0. */
export function thumbPixels(
  { codes, side, cells }: Thumbs,
  index: number,
  colors: Uint32Array,
  blank: number | null,
  out: Uint32Array,
): void {
  const from = index * side * side;
  for (let i = 0; i < out.length; i++) out[i] = colors[codes[from + i]];
  if (blank === null) return;
  for (const [query, future] of futures(side, cells[index]).entries()) {
    out.fill(blank, query * side + future, (query + 1) * side);
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
