// Tokens along both axes of a plot, thinned where they would touch.

import type { Theme } from "../kit/theme.ts";
import { isRtl, type Shown, shortToken } from "../kit/token.ts";
import { type Layout, type Placed, visible } from "./layout.ts";

export interface AxesData {
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
  /** Where the part begins that the model wrote itself. */
  readonly generatedFrom?: number | null;
}

const SIZE = 11;
const SPACING = 13;
const GAP = 7;

/** Every how many tokens one is written. */
export function labelStep(cell: number): number {
  const needed = SPACING / cell;
  if (needed <= 1) return 1;
  for (let step = 1; ; step *= 10) {
    for (const nice of [1, 2, 5]) if (nice * step >= needed) return nice * step;
  }
}

/** Labels further apart than this carry their position: nobody could count to them. */
const NUMBERED_FROM = 10;

function labelOf(token: string, index: number, step: number, characters: number): Shown {
  if (step < NUMBERED_FROM) return shortToken(token, characters);
  const number = `${index} `;
  const shown = shortToken(token, Math.max(3, characters - number.length));
  return { ...shown, lead: number + shown.lead };
}

/** Room for the labels of one axis. Only the longest texts are measured: there may be thousands. */
export function labelRoom(
  context: CanvasRenderingContext2D,
  tokens: readonly string[],
  font: string,
  characters: number,
): number {
  context.font = `${SIZE}px ${font}`;
  const longest = new Set<string>();
  let length = 0;
  for (const token of tokens) if (token.length > length) length = token.length;
  for (; length >= 0 && longest.size < 24; length--) {
    for (const token of tokens)
      if (token.length === length && longest.size < 24) longest.add(token);
  }
  const last = tokens.length - 1;
  const steps = tokens.length < 2 * NUMBERED_FROM ? [1] : [1, NUMBERED_FROM];
  const width = Math.max(
    0,
    ...[...longest].flatMap((token) =>
      steps.map((step) => widthOf(context, labelOf(token, last, step, characters))),
    ),
  );
  return Math.ceil(Math.max(26, width + GAP + 6));
}

export function drawAxes(
  context: CanvasRenderingContext2D,
  data: AxesData,
  layout: Layout,
  placed: Placed,
  theme: Theme,
): void {
  const step = labelStep(placed.cell);
  const { left, top, width, height } = layout;
  context.textBaseline = "middle";
  context.font = `${SIZE}px ${theme.font}`;
  const rows = visible(placed.y, placed.cell, top, height, data.queryTokens.length);
  for (let query = Math.ceil(rows[0] / step) * step; query < rows[1]; query += step) {
    const y = placed.y + (query + 0.5) * placed.cell;
    if (y < top || y > top + height) continue;
    context.save();
    context.translate(left - GAP, y);
    const label = labelOf(data.queryTokens[query] ?? "", query, step, layout.characters);
    drawLabel(context, label, -widthOf(context, label), theme);
    context.restore();
  }
  const columns = visible(placed.x, placed.cell, left, width, data.keyTokens.length);
  for (let key = Math.ceil(columns[0] / step) * step; key < columns[1]; key += step) {
    const x = placed.x + (key + 0.5) * placed.cell;
    if (x < left || x > left + width) continue;
    context.save();
    context.translate(x, top - GAP);
    context.rotate(-Math.PI / 2);
    drawLabel(context, labelOf(data.keyTokens[key] ?? "", key, step, layout.characters), 0, theme);
    context.restore();
  }
  drawBoundary(context, data.generatedFrom ?? null, layout, placed, theme);
  if (step > 1) drawTicks(context, layout, placed, theme, step, rows, columns);
}

/** A fine line where the generated part begins, and a bar along it on both axes. */
function drawBoundary(
  context: CanvasRenderingContext2D,
  from: number | null,
  { left, top, width, height }: Layout,
  { x, y, cell }: Placed,
  theme: Theme,
): void {
  if (from === null) return;
  const down = Math.max(top, y + from * cell);
  const right = Math.max(left, x + from * cell);
  const tall = top + height - down;
  const wide = left + width - right;
  context.save();
  context.fillStyle = theme.accent;
  if (tall > 0) context.fillRect(left - 3, down, 2, tall);
  if (wide > 0) context.fillRect(right, top - 3, wide, 2);
  context.globalAlpha = 0.6;
  if (tall > 0 && down > top) context.fillRect(left, down - 0.5, width, 1);
  if (wide > 0 && right > left) context.fillRect(right - 0.5, top, 1, height);
  context.restore();
}

/** Thinned labels need ticks, or nobody knows which row they name. */
function drawTicks(
  context: CanvasRenderingContext2D,
  { left, top }: Layout,
  placed: Placed,
  theme: Theme,
  step: number,
  rows: [number, number],
  columns: [number, number],
): void {
  context.fillStyle = theme.faint;
  for (let query = Math.ceil(rows[0] / step) * step; query < rows[1]; query += step) {
    context.fillRect(left - 4, Math.round(placed.y + (query + 0.5) * placed.cell) - 0.5, 3, 1);
  }
  for (let key = Math.ceil(columns[0] / step) * step; key < columns[1]; key += step) {
    context.fillRect(Math.round(placed.x + (key + 0.5) * placed.cell) - 0.5, top - 4, 1, 3);
  }
}

/** Text and the marks of its spaces, from `x` to the right. */
function drawParts(
  context: CanvasRenderingContext2D,
  { lead, text, tail }: Shown,
  x: number,
  y: number,
  faintly: (draw: () => void) => void,
): void {
  const rtl = isRtl(text);
  context.textAlign = "left";
  context.direction = rtl ? "rtl" : "ltr";
  let at = x;
  for (const part of rtl ? [tail, text, lead] : [lead, text, tail]) {
    if (part === "") continue;
    const draw = () => context.fillText(part, at, y);
    if (part === text) draw();
    else faintly(draw);
    at += context.measureText(part).width;
  }
}

function drawLabel(
  context: CanvasRenderingContext2D,
  shown: Shown,
  x: number,
  { text, faint }: Theme,
): void {
  context.fillStyle = text;
  drawParts(context, shown, x, 0, (draw) => {
    context.fillStyle = faint;
    draw();
    context.fillStyle = text;
  });
}

function widthOf(context: CanvasRenderingContext2D, { lead, text, tail }: Shown): number {
  const parts = [lead, text, tail].filter((part) => part !== "");
  return parts.reduce((sum, part) => sum + context.measureText(part).width, 0);
}

/** One label in full, on a plate, at its place on an axis but never outside the canvas. */
export function drawFullLabel(
  context: CanvasRenderingContext2D,
  token: string,
  axis: "query" | "key",
  at: number,
  layout: Layout,
  theme: Theme,
  color: string,
): void {
  context.font = `600 ${SIZE}px ${theme.font}`;
  context.textBaseline = "middle";
  const right = layout.left + layout.width + 16;
  let most = 48;
  let label = shortToken(token, most);
  while (widthOf(context, label) + 12 > right && most > 1) label = shortToken(token, --most);
  const width = widthOf(context, label) + 10;
  context.save();
  if (axis === "query") {
    context.translate(Math.max(1, layout.left - 3 - width), at);
  } else if (width <= layout.top - 4) {
    context.translate(at, layout.top - 3);
    context.rotate(-Math.PI / 2);
  } else {
    context.translate(Math.max(1, Math.min(at - width / 2, right - width)), layout.top - 13);
  }
  drawPlate(context, label, width, theme, color);
  context.restore();
}

function drawPlate(
  context: CanvasRenderingContext2D,
  label: Shown,
  width: number,
  theme: Theme,
  color: string,
): void {
  // A margin in the page's colour keeps labels beneath from showing at the plate's edge.
  context.fillStyle = theme.background;
  context.fillRect(-2, -9, width + 4, 18);
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(0, -8.5, width, 17, 4);
  context.fill();
  context.fillStyle = theme.background;
  drawParts(context, label, 5, 0.5, (draw) => {
    context.globalAlpha = 0.65;
    draw();
    context.globalAlpha = 1;
  });
}
