// What lies over the points: rings, the neighbours' lines, names, a lasso, the directions of the axes.
import type { Theme } from "../kit/theme.ts";
import type { Trail } from "./course.ts";
import type { NeighbourLine } from "./neighbour_lines.ts";
import type { Axis } from "./placing.ts";
import type { RingStamps } from "./ring_stamps.ts";
import type { Rotation } from "./rotation.ts";
import { drawRuler } from "./ruler.ts";
import { type Cloud, type Screen, type Spot, toScreen } from "./screen.ts";

export interface Marks {
  /** The current head's point; null: it has none. */
  readonly current: number | null;
  /** The same head on other prompts. */
  readonly siblings: readonly number[];
  /** Points that are pointed at, here or in a widget linked to this one. */
  readonly hovered: readonly number[];
  readonly lines: readonly NeighbourLine[];
  /** The ways that heads came in training. */
  readonly trails: readonly Trail[];
  /** Names to write beside points. */
  readonly names: readonly { readonly point: number; readonly text: string }[];
  readonly lasso: readonly Spot[];
  /** How the three axes lie; null in a plane. */
  readonly rotation: Rotation | null;
  readonly ruled: readonly [Axis, Axis] | null;
}

export function drawMarks(
  context: CanvasRenderingContext2D,
  cloud: Cloud,
  screen: Screen,
  marks: Marks,
  /** A point's radius on the screen. */
  radius: (point: number) => number,
  stamps: RingStamps,
  theme: Theme,
): void {
  const { width, height } = screen;
  context.clearRect(0, 0, width, height);
  const at = (point: number) => toScreen(screen, cloud.x[point], cloud.y[point]);
  drawTrails(context, marks.trails, screen, theme);
  drawLines(context, marks.lines, at, radius, theme);
  const round = (points: readonly number[], away: number, thick: number, color: string) => {
    for (const point of points) {
      if (cloud.hidden[point]) continue;
      const [x, y] = at(point);
      const size = Math.round(4 * (radius(point) + away)) / 4;
      const { picture, side } = stamps(size, thick, color, theme.background);
      context.drawImage(picture, x - side / 2, y - side / 2, side, side);
    }
  };
  const { current, hovered } = marks;
  round(marks.siblings, 2, 1, theme.accent);
  if (current !== null) round([current], 4, 2, theme.accent);
  round(
    hovered.filter((point) => point !== current),
    2.5,
    2,
    theme.text,
  );
  drawNames(context, marks.names, at, radius, screen, theme);
  if (marks.ruled) drawRuler(context, screen, marks.ruled, theme);
  if (marks.rotation) drawAxes(context, marks.rotation, height, theme);
  if (marks.lasso.length > 1) drawLasso(context, marks.lasso, theme);
}

function drawLines(
  context: CanvasRenderingContext2D,
  lines: readonly NeighbourLine[],
  at: (point: number) => Spot,
  radius: (point: number) => number,
  theme: Theme,
): void {
  context.lineCap = "round";
  context.strokeStyle = theme.accent;
  for (const { from, to, strength } of lines) {
    const [x0, y0] = at(from);
    const [x1, y1] = at(to);
    const length = Math.hypot(x1 - x0, y1 - y0);
    const room = radius(from) + 5;
    if (length <= room) continue;
    const start = room / length;
    context.globalAlpha = 0.5 + 0.4 * strength;
    context.lineWidth = 1 + 1.2 * strength;
    context.beginPath();
    context.moveTo(x0 + (x1 - x0) * start, y0 + (y1 - y0) * start);
    context.lineTo(x1, y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The later, the stronger; a dot where there was a checkpoint. */
function drawTrails(
  context: CanvasRenderingContext2D,
  trails: readonly Trail[],
  screen: Screen,
  theme: Theme,
): void {
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.lineWidth = 1.5;
  for (const trail of trails) {
    const spots = trail.map(([x, y]) => toScreen(screen, x, y));
    for (let i = 1; i < spots.length; i++) {
      context.globalAlpha = 0.15 + (0.55 * i) / spots.length;
      context.beginPath();
      context.moveTo(...spots[i - 1]);
      context.lineTo(...spots[i]);
      context.stroke();
      context.beginPath();
      context.arc(...spots[i - 1], 2, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

/** A name that would lie on an earlier one is left out. */
function drawNames(
  context: CanvasRenderingContext2D,
  names: Marks["names"],
  at: (point: number) => Spot,
  radius: (point: number) => number,
  { width, height }: Screen,
  theme: Theme,
): void {
  const taken: [left: number, top: number, right: number, bottom: number][] = [];
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.lineJoin = "round";
  for (const [i, { point, text }] of names.entries()) {
    const [x, y] = at(point);
    if (x < 0 || y < 0 || x > width || y > height) continue;
    context.font = `${i === 0 ? 600 : 400} 12px ${theme.font}`;
    const long = context.measureText(text).width;
    const away = radius(point) + (i === 0 ? 9 : 4);
    const left = x + away + long > width ? x - away - long : x + away;
    const box: (typeof taken)[number] = [left - 2, y - 7, left + long + 2, y + 7];
    const meets = taken.some(
      (other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3],
    );
    if (meets) continue;
    taken.push(box);
    context.lineWidth = 3.5;
    context.strokeStyle = theme.background;
    context.strokeText(text, left, y);
    context.fillStyle = theme.text;
    context.fillText(text, left, y);
  }
}

function drawLasso(context: CanvasRenderingContext2D, lasso: readonly Spot[], theme: Theme): void {
  context.beginPath();
  for (const [x, y] of lasso) context.lineTo(x, y);
  context.closePath();
  context.globalAlpha = 0.08;
  context.fillStyle = theme.text;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = theme.text;
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
}

/** The three axes from the lower left corner, as they lie now. */
function drawAxes(
  context: CanvasRenderingContext2D,
  rotation: Rotation,
  height: number,
  theme: Theme,
): void {
  const [x, y, length] = [40, height - 40, 24];
  context.font = `11px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.strokeStyle = theme.faint;
  context.fillStyle = theme.faint;
  context.lineWidth = 1;
  for (let axis = 0; axis < 3; axis++) {
    const [dx, dy] = [rotation[axis], -rotation[3 + axis]];
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + dx * length, y + dy * length);
    context.stroke();
    context.fillText(String(axis + 1), x + dx * (length + 8), y + dy * (length + 8));
  }
}
