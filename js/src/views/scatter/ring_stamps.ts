// Rings as small pictures to be put around points: there may be hundreds, and lines are slow to draw without a GPU.
import { context2d } from "../dom.ts";

export type RingStamps = (
  radius: number,
  thick: number,
  color: string,
  /** Of a line beneath, so that the ring stands out from what it covers. */
  halo: string,
  /** Device pixels for a CSS pixel. */
  ratio: number,
) => HTMLCanvasElement;

/** More kinds than a picture ever has at a time. */
const MOST = 400;

export function ringStamps(): RingStamps {
  const made = new Map<string, HTMLCanvasElement>();
  return (radius, thick, color, halo, ratio) => {
    const key = [radius, thick, color, halo, ratio].join();
    const known = made.get(key);
    if (known) return known;
    if (made.size >= MOST) made.clear();
    const stamp = document.createElement("canvas");
    stamp.width = Math.ceil(2 * (radius + thick + 2) * ratio);
    stamp.height = stamp.width;
    const context = context2d(stamp);
    context.beginPath();
    context.arc(stamp.width / 2, stamp.width / 2, radius * ratio, 0, 2 * Math.PI);
    for (const [width, style] of [
      [thick + 2, halo],
      [thick, color],
    ] as const) {
      context.lineWidth = width * ratio;
      context.strokeStyle = style;
      context.stroke();
    }
    made.set(key, stamp);
    return stamp;
  };
}
