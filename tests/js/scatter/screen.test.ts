// Points turned, placed on the screen, put in the order of painting, and found there again.
import { drawingOrder, painted } from "../../../js/src/scatter/drawing_order.ts";
import { FRONT, project, START, turned } from "../../../js/src/scatter/rotation.ts";
import {
  type Cloud,
  cameraMatrix,
  centered,
  pointAt,
  pointsWithin,
  reachOf,
  type Screen,
  toScreen,
} from "../../../js/src/scatter/screen.ts";
import { STEPS } from "../../../js/src/scatter/sizing.ts";

const shown = (n: number) => new Uint8Array(n);

describe("three components", () => {
  const axes = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ].map((axis) => Float32Array.from(axis));

  test("from the front the third component is depth alone", () => {
    const { x, y, near } = project(axes, FRONT);
    expect([x[2], y[2]]).toEqual([0, 0]);
    expect(near[2]).toBeGreaterThan(0);
    expect(x[0]).toBeGreaterThan(0);
    expect(y[1]).toBeGreaterThan(0);
  });

  test("turned by a quarter to the right, what was near is right", () => {
    const { x, near } = project(axes, turned(FRONT, Math.PI / 2, 0));
    expect(x[2]).toBeGreaterThan(0.7);
    expect(near[2]).toBeCloseTo(0);
  });

  test("pulled down, what was near is below", () => {
    expect(project(axes, turned(FRONT, 0, Math.PI / 2)).y[2]).toBeLessThan(-0.7);
  });

  test("however often it is turned, lengths stay", () => {
    let rotation = START;
    for (let i = 0; i < 500; i++) rotation = turned(rotation, 0.13, -0.07);
    for (let row = 0; row < 3; row++) {
      expect(Math.hypot(...rotation.slice(row * 3, row * 3 + 3))).toBeCloseTo(1, 6);
    }
  });
});

describe("on the screen", () => {
  const screen: Screen = { width: 400, height: 200, k: 1, x: 0, y: 0, reach: [1, 1], top: 0 };
  const cloud: Cloud = {
    x: Float32Array.from([-1, 0, 1]),
    y: Float32Array.from([0, 0.5, -1]),
    near: null,
    hidden: shown(3),
  };

  test("ruled axes have a scale each, and room for their ticks", () => {
    const ruled: Screen = { ...screen, ruled: true };
    const [left, low] = toScreen(ruled, -1, -1);
    const [right, high] = toScreen(ruled, 1, 1);
    expect(right - left).toBeGreaterThan(300);
    expect(low - high).toBeLessThan(160);
    expect(left).toBeGreaterThan(58);
    expect(low).toBeLessThan(200 - 42);
    const matrix = cameraMatrix(ruled);
    // what is painted at (1, 1) is there, in units of half the height
    expect((matrix[0] + matrix[12]) * 100 + 200).toBeCloseTo(right);
    expect(100 - (matrix[5] + matrix[13]) * 100).toBeCloseTo(high);
  });

  test("the middle is the middle, and both axes have the same scale", () => {
    expect(toScreen(screen, 0, 0)).toEqual([200, 100]);
    const [x] = toScreen(screen, 1, 0);
    const [, y] = toScreen(screen, 0, 1);
    expect(x - 200).toBeCloseTo(100 - y);
    expect(y).toBeGreaterThan(0);
  });

  test("nothing lies in the room kept free at the top, and what is left is used", () => {
    const kept = { ...screen, top: 50 };
    expect(toScreen(kept, 0, 1)[1]).toBeGreaterThan(50);
    expect(toScreen(kept, 0, -1)[1]).toBeGreaterThan(185);
  });

  test("the camera shows a point where the screen says", () => {
    const zoomed = { ...screen, top: 30, k: 3, x: -250, y: 40 };
    const matrix = cameraMatrix(zoomed);
    const [x, y] = [0.3, -0.4];
    const clip = [
      ((matrix[0] * x + matrix[12]) * zoomed.height) / zoomed.width,
      matrix[5] * y + matrix[13],
    ];
    const [px, py] = toScreen(zoomed, x, y);
    expect((zoomed.width * (1 + clip[0])) / 2).toBeCloseTo(px, 3);
    expect((zoomed.height * (1 - clip[1])) / 2).toBeCloseTo(py, 3);
  });

  test("zoomed to a point, it is in the middle", () => {
    const at = centered(screen, 1, -1, 5);
    const [x, y] = toScreen(at, 1, -1);
    expect([x, y]).toEqual([200, 100]);
    expect(at.k).toBe(5);
  });

  test("the nearest shown point within reach", () => {
    const [x, y] = toScreen(screen, 0, 0.5);
    expect(pointAt(cloud, screen, [x + 3, y], 6)).toBe(1);
    expect(pointAt(cloud, screen, [x + 9, y], 6)).toBe(-1);
    expect(pointAt({ ...cloud, hidden: Uint8Array.from([0, 1, 0]) }, screen, [x, y], 6)).toBe(-1);
  });

  test("points fill the longer side of the screen, in the plane and turned", () => {
    const axis = (...values: number[]) => Float32Array.from(values);
    expect(reachOf([axis(-1, 0.5), axis(0.5, -0.5)])).toEqual([1, 0.5]);
    expect(reachOf([axis(-1, 0.5), axis(0, 0)])).toEqual([1, 0.25]);
    expect(reachOf([axis(0.1), axis(0.5), axis(1)])).toEqual([1, 1]);
    const wide = { ...screen, reach: [1, 0.25] as const };
    expect(toScreen(wide, 1, 0)[0]).toBeGreaterThan(350);
  });

  test("a lasso holds the points inside, around corners, and no hidden ones", () => {
    const line = [
      [0, 0],
      [400, 0],
      [400, 110],
      [150, 110],
      [150, 30],
      [0, 30],
    ] as const;
    expect(pointsWithin(cloud, screen, line)).toEqual([1]);
    const around = [
      [-9, -9],
      [409, -9],
      [409, 209],
      [-9, 209],
    ] as const;
    expect(pointsWithin(cloud, screen, around)).toEqual([0, 1, 2]);
    expect(pointsWithin({ ...cloud, hidden: shown(3).fill(1) }, screen, around)).toEqual([]);
    expect(pointsWithin(cloud, screen, around.slice(0, 2))).toEqual([]);
  });

  test("points without a value are painted first, hidden ones not at all", () => {
    const codes = Uint16Array.from([2, 0, 1]);
    expect([...drawingOrder(cloud, codes, 1)]).toEqual([2, 0, 1]);
    expect([...drawingOrder(cloud, codes, 0)]).toEqual([1, 0, 2]);
    const hidden = Uint8Array.from([0, 0, 1]);
    expect([...drawingOrder({ ...cloud, hidden }, codes, 0)]).toEqual([1, 0]);
  });

  test("in space the farthest point is painted first and faintest", () => {
    const solid = { ...cloud, near: Float32Array.from([0.9, -0.9, 0]) };
    const codes = Uint16Array.from([5, 6, 7]);
    const { order, color, encoding, x } = painted(
      solid,
      drawingOrder(solid, codes, 99),
      codes,
      Uint8Array.from([1, 0, 0]),
    );
    expect([...order]).toEqual([1, 2, 0]);
    expect([...color]).toEqual([6, 7, 5]);
    expect([...x]).toEqual([0, 1, -1]);
    expect(encoding[0]).toBeLessThan(encoding[1]);
    expect(encoding[2]).toBe(STEPS + 7);
  });
});
