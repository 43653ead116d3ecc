// Small pictures of patterns, value = code / 255 -> pixels on a canvas.
import { context2d } from "../kit/dom.ts";

export interface Thumbs {
  /** [picture, query, key] */
  readonly codes: Uint8Array;
  readonly count: number;
  readonly nQuery: number;
  readonly nKey: number;
}

export interface Ink {
  /** One for each of the 256 codes. */
  readonly colors: Uint32Array;
  /** What lies in the future of a causal pattern: no attention of 0, but nothing. */
  readonly blank: number;
}

const causal = new WeakMap<Thumbs, boolean>();

/** Whether no early query of any picture looks at a late key, whatever the number of cells it shows. */
export function looksCausal(thumbs: Thumbs): boolean {
  const { codes, count, nQuery, nKey } = thumbs;
  let found = causal.get(thumbs);
  if (found === undefined) {
    found = true;
    const [early, late] = [Math.floor(nQuery / 3), Math.ceil((2 * nKey) / 3)];
    for (let picture = 0; picture < count && found; picture++) {
      for (let query = 0; query < early && found; query++) {
        const row = (picture * nQuery + query) * nKey;
        for (let key = late; key < nKey; key++) if (codes[row + key] > 0) found = false;
      }
    }
    causal.set(thumbs, found);
  }
  return found;
}

/** One pixel a code; the page enlarges it. */
export function paintPicture(
  canvas: HTMLCanvasElement,
  thumbs: Thumbs,
  index: number,
  { colors, blank }: Ink,
): void {
  const { codes, nQuery, nKey } = thumbs;
  canvas.width = nKey;
  canvas.height = nQuery;
  const context = context2d(canvas);
  const image = context.createImageData(nKey, nQuery);
  const pixels = new Uint32Array(image.data.buffer);
  const from = index * nQuery * nKey;
  const future = looksCausal(thumbs);
  for (let query = 0, i = 0; query < nQuery; query++) {
    for (let key = 0; key < nKey; key++, i++) {
      const code = codes[from + i];
      pixels[i] = future && key > query && code === 0 ? blank : colors[code];
    }
  }
  context.putImageData(image, 0, 0);
}
