// Points in space, turned and seen from the front -> places on the screen and how near each is.

/** Row by row, 3 by 3. */
export type Rotation = readonly number[];

export const FRONT: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Somewhat from the side and from above, so that depth is seen before anything is turned. */
export const START: Rotation = turned(FRONT, 0.55, 0.35);

/** Turned further: to the right by `yaw`, towards the viewer by `pitch`, in radians, as the screen lies. */
export function turned(rotation: Rotation, yaw: number, pitch: number): Rotation {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const aroundY = [cy, 0, sy, 0, 1, 0, -sy, 0, cy];
  const aroundX = [1, 0, 0, 0, cp, -sp, 0, sp, cp];
  return multiplied(aroundX, multiplied(aroundY, rotation));
}

function multiplied(a: Rotation, b: Rotation): Rotation {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return a[row * 3] * b[column] + a[row * 3 + 1] * b[3 + column] + a[row * 3 + 2] * b[6 + column];
  });
}

export interface Projected {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Larger is nearer; within [-1, 1]. */
  readonly near: Float32Array;
}

/** The corners of the cube reach this far when they are turned. */
const REACH = Math.sqrt(3);
/** How far away the viewer stands, the cube's half side being 1. */
const DISTANCE = 5;

export function project(
  axes: readonly Float32Array[],
  rotation: Rotation,
  into?: Projected,
): Projected {
  const [xs, ys, zs] = axes;
  const n = xs.length;
  const { x, y, near } = into ?? {
    x: new Float32Array(n),
    y: new Float32Array(n),
    near: new Float32Array(n),
  };
  const [a, b, c, d, e, f, g, h, i] = rotation;
  for (let k = 0; k < n; k++) {
    const [px, py, pz] = [xs[k], ys[k], zs[k]];
    const depth = g * px + h * py + i * pz;
    const scale = (0.78 * DISTANCE) / (DISTANCE - depth);
    x[k] = (a * px + b * py + c * pz) * scale;
    y[k] = (d * px + e * py + f * pz) * scale;
    near[k] = depth / REACH;
  }
  return { x, y, near };
}
