// Small pictures of patterns, value = code / 255 -> pixels on a canvas.
import { context2d } from "../dom.ts";

export interface Thumbs {
  /** [picture, query, key] */
  readonly codes: Uint8Array;
  readonly count: number;
  readonly nQuery: number;
  readonly nKey: number;
}

/** One pixel a code; the page enlarges it. `colors`: one for each of the 256 codes. */
export function paintPicture(
  canvas: HTMLCanvasElement,
  { codes, nQuery, nKey }: Thumbs,
  index: number,
  colors: Uint32Array,
): void {
  canvas.width = nKey;
  canvas.height = nQuery;
  const context = context2d(canvas);
  const image = context.createImageData(nKey, nQuery);
  const pixels = new Uint32Array(image.data.buffer);
  const from = index * nQuery * nKey;
  for (let i = 0; i < pixels.length; i++) pixels[i] = colors[codes[from + i]];
  context.putImageData(image, 0, 0);
}
