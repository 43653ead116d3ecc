// Thumbnails with their names and marks, and what lies over them -> drawn on two canvases.

import { context2d, sizeCanvas } from "../kit/dom.ts";
import type { Cell, Head } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { type Atlas, isMade } from "../pattern/atlas.ts";
import { pixelOf } from "../pattern/color.ts";
import { headName } from "../pattern/pattern.ts";
import { paintThumb } from "../pattern/thumbs.ts";
import { type HeadMark, type HeadMarks, placeIn } from "./head_marks.ts";
import { cornerOf, type GridLayout, type Layers } from "./layout.ts";

export interface GridProps {
  readonly atlas: Atlas;
  readonly table: Uint32Array;
  readonly theme: Theme;
  readonly label: string;
  readonly size: number;
  readonly layers: Layers;
  /** The canvas and its selection may be of an older trace while another is computed. */
  readonly selected: Head;
  readonly hovered: Head | null;
  /** Locked query and key as fractions of the axes, or null. */
  readonly locked: Cell;
  readonly marks: HeadMarks;
  /** What was asked of the motifs, for those who look at the page from outside. */
  readonly asked: { readonly motif: string; readonly sortBy: string };
}

/** How much of a motif's colour the blank cells of its heads take on. */
const TINT = 0.3;
/** Below this size a score in the corner would cover the thumbnail. */
const ROOM_FOR_TEXT = 30;

export function drawThumbs(canvas: HTMLCanvasElement, props: GridProps, layout: GridLayout): void {
  const { atlas, table, theme, marks } = props;
  const { cell, width, height } = layout;
  const ratio = sizeCanvas(canvas, width, height);
  const context = context2d(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const side = Math.round(cell * ratio);
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (const [place, { layer, head }] of marks.heads.entries()) {
    const index = layer * atlas.nHeads + head;
    const mark = marks.marks[index];
    const blank = blankOf(theme, mark);
    if (isMade(atlas, index)) {
      paintThumb(atlas, index, { colors: table, blank }, pixels, 0, side, side, side);
    } else {
      pixels.fill(blank);
    }
    const [x, y] = cornerOf(layout, place);
    context.putImageData(image, Math.round(x * ratio), Math.round(y * ratio));
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const [place, { layer, head }] of marks.heads.entries()) {
    const [x, y] = cornerOf(layout, place);
    const index = layer * atlas.nHeads + head;
    if (!isMade(atlas, index)) drawUnmade(context, x, y, cell, theme);
    drawMark(context, marks.marks[index], x, y, cell, theme);
  }
  if (marks.sorted) drawNames(context, props, layout);
  else drawAxes(context, props, layout);
}

/** Three dots: a picture is on its way. */
function drawUnmade(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  cell: number,
  theme: Theme,
): void {
  context.fillStyle = theme.faint;
  for (const step of [-1, 0, 1]) {
    context.beginPath();
    context.arc(
      x + cell * (0.5 + 0.16 * step),
      y + cell / 2,
      Math.max(0.75, cell / 24),
      0,
      2 * Math.PI,
    );
    context.fill();
  }
}

function blankOf(theme: Theme, { tinted, color }: HeadMark): number {
  const blank = pixelOf(theme.blank);
  if (!tinted || color === null) return blank;
  const tint = pixelOf(color);
  const mix = (shift: number) =>
    Math.round(((blank >>> shift) & 255) * (1 - TINT) + ((tint >>> shift) & 255) * TINT) << shift;
  return ((255 << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}

function drawMark(
  context: CanvasRenderingContext2D,
  { color, strength, text, dimmed }: HeadMark,
  x: number,
  y: number,
  cell: number,
  theme: Theme,
): void {
  if (color !== null && strength > 0) {
    const line = cell >= 40 ? 2 : 1.5;
    context.globalAlpha = 0.15 + 0.85 * Math.min(1, strength);
    context.strokeStyle = color;
    context.lineWidth = line;
    context.strokeRect(x - line / 2, y - line / 2, cell + line, cell + line);
    context.globalAlpha = 1;
  }
  if (text && cell >= ROOM_FOR_TEXT) {
    context.font = `600 ${cell >= 44 ? 11 : 9.5}px ${theme.font}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const wide = context.measureText(text).width;
    context.fillStyle = theme.background;
    context.globalAlpha = 0.72;
    context.fillRect(x + cell - wide - 5, y, wide + 5, cell >= 44 ? 15 : 13);
    context.globalAlpha = 1;
    context.fillStyle = theme.text;
    context.fillText(text, x + cell - 2.5, y + (cell >= 44 ? 8 : 7));
  }
  if (dimmed) {
    context.fillStyle = theme.background;
    context.globalAlpha = 0.78;
    context.fillRect(x - 2, y - 2, cell + 4, cell + 4);
    context.globalAlpha = 1;
  }
}

function drawNames(
  context: CanvasRenderingContext2D,
  { marks, theme }: GridProps,
  layout: GridLayout,
): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  for (const [place, { layer, head }] of marks.heads.entries()) {
    const [x, y] = cornerOf(layout, place);
    context.fillText(headName(layer, head), x, y - 9);
  }
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { atlas, theme }: GridProps,
  { left, top, cell, gap, across }: GridLayout,
): void {
  const { nLayers, nHeads } = atlas;
  const [columns, rows] = across ? [nLayers, nHeads] : [nHeads, nLayers];
  const pitch = cell + gap;
  const step = Math.ceil(14 / pitch);
  context.textBaseline = "middle";
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  context.textAlign = "right";
  for (let row = 0; row < rows; row += step) {
    context.fillText(String(row), left - 8, top + row * pitch + cell / 2);
  }
  context.textAlign = "center";
  for (let column = 0; column < columns; column += step) {
    context.fillText(String(column), left + column * pitch + cell / 2, top - 10);
  }
  context.fillStyle = theme.faint;
  const right = left + columns * pitch - gap;
  const bottom = top + rows * pitch - gap;
  context.textAlign = "left";
  context.fillText(across ? "Layer" : "Head", Math.min(left, right), 9);
  context.save();
  context.translate(9, Math.min(top + 16, (top + bottom) / 2));
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(across ? "Head" : "Layer", 0, 0);
  context.restore();
}

export function drawMarks(canvas: HTMLCanvasElement, props: GridProps, layout: GridLayout): void {
  const { cell, width, height } = layout;
  const { theme, selected, hovered, locked, marks } = props;
  const ratio = sizeCanvas(canvas, width, height);
  const context = context2d(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const frame = (place: number, color: string, line: number) => {
    const [x, y] = cornerOf(layout, place);
    context.strokeStyle = color;
    context.lineWidth = line;
    context.strokeRect(x - line / 2, y - line / 2, cell + line, cell + line);
  };
  const place = placeIn(marks.heads, selected);
  if (place >= 0) {
    const [x, y] = cornerOf(layout, place);
    drawLocked(context, locked, x, y, cell, theme);
    frame(place, theme.accent, 2);
    if (props.asked.motif) {
      // Between the frame and motifs of a colour like its own.
      context.strokeStyle = theme.background;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, cell - 2, cell - 2);
    }
    nameSelected(context, selected, marks.sorted, x, y, layout, theme);
  }
  const over = hovered ? placeIn(marks.heads, hovered) : -1;
  if (over >= 0) frame(over, theme.cross, 1.5);
}

/** Its numbers on the axes, or its name above it, once more in the colour of the frame. */
function nameSelected(
  context: CanvasRenderingContext2D,
  { layer, head }: Head,
  sorted: boolean,
  x: number,
  y: number,
  { left, top, cell, across }: GridLayout,
  theme: Theme,
): void {
  const [row, column] = across ? [head, layer] : [layer, head];
  const texts: [string, number, number, CanvasTextAlign][] = sorted
    ? [[headName(layer, head), x, y - 9, "left"]]
    : [
        [String(row), left - 8, y + cell / 2, "right"],
        [String(column), x + cell / 2, top - 10, "center"],
      ];
  context.font = `700 11px ${theme.font}`;
  context.textBaseline = "middle";
  for (const [text, tx, ty, align] of texts) {
    context.textAlign = align;
    const wide = context.measureText(text).width + 6;
    const from = { right: tx - wide + 3, left: tx, center: tx - wide / 2 }[align as "left"];
    context.fillStyle = theme.background;
    context.fillRect(from, ty - 7, wide, 14);
    context.fillStyle = theme.accent;
    context.fillText(text, tx, ty);
  }
}

/** Thin lines where the locked query and key lie in a thumbnail. */
export function drawLocked(
  context: CanvasRenderingContext2D,
  { query, key }: Cell,
  x: number,
  y: number,
  side: number,
  theme: Theme,
): void {
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.8;
  if (query !== null) context.fillRect(x, y + query * side - 0.5, side, 1);
  if (key !== null) context.fillRect(x + key * side - 0.5, y, 1, side);
  context.globalAlpha = 1;
}
