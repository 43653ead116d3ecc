// Axes that have values -> lines, ticks and titles along the left and lower edge, over the points.

import type { Theme } from "../kit/theme.ts";
import type { Axis } from "./placing.ts";
import { RULED, type Screen, toScreen } from "./screen.ts";

/** Pixels from one tick to the next, at least. */
const ROOM = { across: 76, up: 44 };

/** Round numbers between two values, not more than `most` of them. */
export function ticksBetween(low: number, high: number, most: number): number[] {
  if (!(high > low) || most < 1) return [];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** As many decimals as the step between ticks needs. */
export function tickText(value: number, step: number): string {
  const most = Math.max(Math.abs(value), Math.abs(step));
  if (most >= 1e6) return value.toExponential(1).replace("-", "\u2212");
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return value.toFixed(decimals).replace("-", "\u2212");
}

/** The value of an axis at a pixel, by where its ends are. */
function valueAt([low, high]: readonly [number, number], from: number, to: number, pixel: number) {
  return low + ((pixel - from) / (to - from)) * (high - low);
}

export function drawRuler(
  context: CanvasRenderingContext2D,
  screen: Screen,
  [x, y]: readonly [Axis, Axis],
  theme: Theme,
): void {
  const { width, height } = screen;
  const [left, bottom] = [RULED.left, height - RULED.bottom];
  context.fillStyle = theme.background;
  context.globalAlpha = 0.92;
  context.fillRect(0, 0, left, height);
  context.fillRect(left, bottom, width - left, RULED.bottom);
  context.globalAlpha = 1;
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left - 0.5, 0);
  context.lineTo(left - 0.5, bottom + 0.5);
  context.lineTo(width, bottom + 0.5);
  context.stroke();
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  const [x0, y0] = toScreen(screen, -1, -1);
  const [x1, y1] = toScreen(screen, 1, 1);
  context.textAlign = "center";
  context.textBaseline = "top";
  eachTick(x, x0, x1, [left, width - 8], ROOM.across, (pixel, text) => {
    mark(context, pixel, bottom + 1, 0, 4);
    context.fillText(text, pixel, bottom + 7);
  });
  context.textAlign = "right";
  context.textBaseline = "middle";
  eachTick(y, y0, y1, [bottom, 8], ROOM.up, (pixel, text) => {
    mark(context, left - 1, pixel, -4, 0);
    context.fillText(text, left - 8, pixel);
  });
  context.font = `600 11.5px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(x.label, (left + width) / 2, height - 6, width - left - 8);
  context.save();
  context.translate(13, bottom / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(y.label, 0, 0, bottom - 8);
  context.restore();
}

function mark(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  dx: number,
  dy: number,
): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
  context.stroke();
}

/** Those within `[from, to]` in pixels, which may run either way. */
function eachTick(
  { range }: Axis,
  low: number,
  high: number,
  [from, to]: readonly [number, number],
  room: number,
  draw: (pixel: number, text: string) => void,
): void {
  if (!range) return;
  const first = valueAt(range, low, high, from);
  const last = valueAt(range, low, high, to);
  const ticks = ticksBetween(first, last, Math.floor(Math.abs(to - from) / room));
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : last - first;
  for (const value of ticks) {
    const pixel = low + ((value - range[0]) / (range[1] - range[0])) * (high - low);
    draw(Math.round(pixel) + 0.5, tickText(value, step));
  }
}
