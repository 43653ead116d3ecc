// Rings as small pictures to be put around points: there may be hundreds, and lines are slow to draw without a GPU.
import { context2d } from "../kit/dom.ts";

export interface Stamp {
  readonly picture: HTMLCanvasElement;
  /** In CSS pixels; the ring is in the middle. */
  readonly side: number;
}

export type RingStamps = (
  radius: number,
  thick: number,
  color: string,
  /** Of a line beneath, so that the ring stands out from what it covers. */
  halo: string,
) => Stamp;

/** More kinds than a picture ever has at a time. */
const MOST = 400;

/** `ratio`: device pixels for a CSS pixel. */
export function ringStamps(ratio: () => number): RingStamps {
  const made = new Map<string, Stamp>();
  return (radius, thick, color, halo) => {
    const dense = ratio();
    const key = [radius, thick, color, halo, dense].join();
    const known = made.get(key);
    if (known) return known;
    if (made.size >= MOST) made.clear();
    const picture = document.createElement("canvas");
    const pixels = Math.ceil(2 * (radius + thick + 2) * dense);
    picture.width = pixels;
    picture.height = pixels;
    const context = context2d(picture);
    context.beginPath();
    context.arc(pixels / 2, pixels / 2, radius * dense, 0, 2 * Math.PI);
    for (const [width, style] of [
      [thick + 2, halo],
      [thick, color],
    ] as const) {
      context.lineWidth = width * dense;
      context.strokeStyle = style;
      context.stroke();
    }
    const stamp = { picture, side: pixels / dense };
    made.set(key, stamp);
    return stamp;
  };
}
