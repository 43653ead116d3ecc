// A geometry whose cells are small -> one bit for each screen pixel: what it covers, and what lies around it.

import type { Placed } from "../pattern/layout.ts";
import type { Geometry } from "./geometry.ts";
import type { CellWindow } from "./outline.ts";

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** 32-bit words in a row. */
  readonly stride: number;
  readonly words: Int32Array;
}

export function bitmap(width: number, height: number): Bitmap {
  const stride = (width + 31) >>> 5;
  return { width, height, stride, words: new Int32Array(stride * height) };
}

/** Sets pixels [from, to) of a row. */
export function setRun(
  { width, stride, words }: Bitmap,
  y: number,
  from: number,
  to: number,
): void {
  const first = Math.max(0, from);
  const last = Math.min(width, to) - 1;
  if (last < first) return;
  const a = y * stride + (first >>> 5);
  const b = y * stride + (last >>> 5);
  const head = -1 << (first & 31);
  const tail = -1 >>> (31 - (last & 31));
  if (a === b) words[a] |= head & tail;
  else {
    words[a] |= head;
    words.fill(-1, a + 1, b);
    words[b] |= tail;
  }
}

/** Every pixel that a covered cell touches; `placed` in pixels of the bitmap. */
export function covered(
  geometry: Geometry,
  { q0, q1, k0, k1 }: CellWindow,
  { x, y, cell }: Placed,
  width: number,
  height: number,
): Bitmap {
  const out = bitmap(width, height);
  const start = (at: number) => Math.floor(at + 1e-6);
  const end = (at: number) => Math.ceil(at - 1e-6);
  for (let query = q0; query < q1; query++) {
    const runs = geometry.row(query, k0, k1);
    if (!runs.length) continue;
    const bottom = Math.min(height, end(y + (query + 1) * cell));
    for (let line = Math.max(0, start(y + query * cell)); line < bottom; line++) {
      for (let i = 0; i < runs.length; i += 2) {
        setRun(out, line, start(x + runs[i] * cell), end(x + runs[i + 1] * cell));
      }
    }
  }
  return out;
}

/** Also the eight neighbours of every set pixel. */
export function grown({ width, height, stride, words }: Bitmap): Bitmap {
  const wide = new Int32Array(words.length);
  const tail = -1 >>> (31 - ((width - 1) & 31));
  for (let line = 0; line < height; line++) {
    const first = line * stride;
    for (let i = 0; i < stride; i++) {
      const word = words[first + i];
      const before = i > 0 ? words[first + i - 1] >>> 31 : 0;
      const after = i < stride - 1 ? words[first + i + 1] << 31 : 0;
      wide[first + i] = word | (word << 1) | (word >>> 1) | before | after;
    }
    wide[first + stride - 1] &= tail;
  }
  const tall = wide.slice();
  for (let i = stride; i < wide.length; i++) {
    tall[i] |= wide[i - stride];
    tall[i - stride] |= wide[i];
  }
  return { width, height, stride, words: tall };
}

/** Pixels of `bits` that are not in `except`; null: none are left out. */
export function paintBits(
  { height, width, stride, words }: Bitmap,
  except: Bitmap | null,
  pixel: number,
  out: Uint32Array,
): void {
  for (let line = 0; line < height; line++) {
    for (let i = 0; i < stride; i++) {
      const at = line * stride + i;
      let word = except ? words[at] & ~except.words[at] : words[at];
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        out[line * width + i * 32 + bit] = pixel;
        word &= word - 1;
      }
    }
  }
}

export function countBits({ words }: Bitmap): number {
  let count = 0;
  for (let word of words) {
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += (((word + (word >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}
