// Where points lie on the screen under a zoom, and which of them are at or within a place. CSS pixels.

export interface Screen {
  readonly width: number;
  readonly height: number;
  /** d3's zoom: pixel = k * unzoomed pixel + offset. */
  readonly k: number;
  readonly x: number;
  readonly y: number;
  /** How far from the middle points lie, across and up. */
  readonly reach: readonly [number, number];
  /** Pixels that stay free above them while nothing is zoomed. */
  readonly top: number;
  /** Each axis has a scale of its own, and room for its ticks. */
  readonly ruled?: boolean;
}

/** Pixels that axes take. */
export const RULED = { left: 58, bottom: 42 } as const;

export type Spot = readonly [x: number, y: number];

/** A margin is kept, so that points at the ends of the axes are whole. */
const FILLED = 0.9;

function margins({ ruled }: Screen): { left: number; bottom: number } {
  return ruled ? RULED : { left: 0, bottom: 0 };
}

/** Unzoomed pixels for a length of 1, across and up: the same, but for ruled axes. */
function units(screen: Screen): Spot {
  const { width, height, reach, top, ruled } = screen;
  const { left, bottom } = margins(screen);
  const across = ((width - left) / reach[0] / 2) * FILLED;
  const up = ((height - top - bottom) / reach[1] / 2) * FILLED;
  return ruled ? [across, up] : [Math.min(across, up), Math.min(across, up)];
}

/** The farthest of the components shown; three of them are turned, so that every side must hold any of them. */
export function reachOf(axes: readonly Float32Array[]): [number, number] {
  const far = axes.map((axis) => axis.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3));
  const all = Math.max(...far);
  // One side may be much shorter than the other, but not without end.
  return axes.length === 3 ? [all, all] : [Math.max(far[0], all / 4), Math.max(far[1], all / 4)];
}

export function toScreen(screen: Screen, x: number, y: number): Spot {
  const { width, height, k, top } = screen;
  const { left, bottom } = margins(screen);
  const [across, up] = units(screen);
  const [middle, centre] = [(width + left) / 2, (height - bottom + top) / 2];
  return [k * (middle + across * x) + screen.x, k * (centre - up * y) + screen.y];
}

/** The same as the matrix of a camera whose view is as high as 2, column by column. */
export function cameraMatrix(screen: Screen): Float32Array {
  const { width, height } = screen;
  const [x, y] = toScreen(screen, 0, 0);
  const matrix = new Float32Array(16);
  matrix[0] = scaling(screen);
  matrix[5] = (2 * screen.k * units(screen)[1]) / height;
  matrix[10] = 1;
  matrix[12] = (2 * x - width) / height;
  matrix[13] = 1 - (2 * y) / height;
  matrix[15] = 1;
  return matrix;
}

export function scaling(screen: Screen): number {
  return (2 * screen.k * units(screen)[0]) / screen.height;
}

/** The zoom at which this point is in the middle. */
export function centered(screen: Screen, x: number, y: number, k: number): Screen {
  const [px, py] = toScreen({ ...screen, k: 1, x: 0, y: 0 }, x, y);
  return { ...screen, k, x: screen.width / 2 - k * px, y: screen.height / 2 - k * py };
}

export interface Cloud {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly near: Float32Array | null;
  /** [point], 1: not shown */
  readonly hidden: Uint8Array;
}

/** The shown point closest to a spot and no further than `reach`; -1: none. */
export function pointAt(cloud: Cloud, screen: Screen, [px, py]: Spot, reach: number): number {
  const [across, up] = units(screen).map((length) => screen.k * length);
  const [left, top] = toScreen(screen, 0, 0);
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < cloud.x.length; i++) {
    const dx = left + across * cloud.x[i] - px;
    if (dx > reach || dx < -reach) continue;
    const dy = top - up * cloud.y[i] - py;
    const distance = dx * dx + dy * dy;
    if (distance <= least && cloud.hidden[i] === 0) {
      best = i;
      least = distance;
    }
  }
  return best;
}

/** The shown points inside a closed line, by the even-odd rule. */
export function pointsWithin(cloud: Cloud, screen: Screen, line: readonly Spot[]): number[] {
  if (line.length < 3) return [];
  const xs = line.map(([x]) => x);
  const ys = line.map(([, y]) => y);
  const [left, right, top, bottom] = [
    Math.min(...xs),
    Math.max(...xs),
    Math.min(...ys),
    Math.max(...ys),
  ];
  const found: number[] = [];
  for (let i = 0; i < cloud.x.length; i++) {
    if (cloud.hidden[i]) continue;
    const [x, y] = toScreen(screen, cloud.x[i], cloud.y[i]);
    if (x < left || x > right || y < top || y > bottom) continue;
    if (isWithin(line, x, y)) found.push(i);
  }
  return found;
}

function isWithin(line: readonly Spot[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [xi, yi] = line[i];
    const [xj, yj] = line[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
