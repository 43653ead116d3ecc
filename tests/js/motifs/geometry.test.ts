import {
  bitmap,
  countBits,
  covered,
  grown,
  paintBits,
  setRun,
} from "../../../js/src/motifs/bitmap.ts";
import type { Shape } from "../../../js/src/motifs/geometry.ts";
import { geometryOf, levelsOf, type Size, without } from "../../../js/src/motifs/geometry.ts";
import { outline } from "../../../js/src/motifs/outline.ts";

const GROUPS = [0, 1, 2, 0, 1, -1, 2, 2, 0, -1, 1, 0];

/** What the definitions say, cell by cell. */
function naive(shape: Shape, { nQuery, nKey, causal }: Size): Set<string> {
  const cells = new Set<string>();
  for (let q = 0; q < nQuery; q++) {
    for (let k = 0; k < nKey; k++) {
      if (causal && k > q) continue;
      let inside = false;
      if (shape.type === "diagonal") {
        const first = shape.offset < 0 ? 0 : Math.max(1, shape.offset);
        inside = q >= first && k === q - shape.offset;
      } else if (shape.type === "band") inside = shape.from <= q - k && q - k <= shape.to;
      else if (shape.type === "columns") inside = shape.keys.includes(k);
      else if (shape.type === "match") {
        const { groups, shift } = shape;
        const same = (a: number, b: number) => groups[a] >= 0 && groups[a] === groups[b];
        inside = shift === 0 ? k < q && same(k, q) : k >= 1 && k <= q && same(k - 1, q);
      } else inside = shape.queries.some((query, i) => query === q && shape.keys[i] === k);
      if (inside) cells.add(`${q},${k}`);
    }
  }
  return cells;
}

const SHAPES: Record<string, Shape> = {
  "current token": { type: "diagonal", offset: 0 },
  "previous token": { type: "diagonal", offset: 1 },
  stripe: { type: "diagonal", offset: 5 },
  "the next token": { type: "diagonal", offset: -1 },
  "a stripe outside": { type: "diagonal", offset: 40 },
  band: { type: "band", from: 0, to: 3 },
  "band apart from the diagonal": { type: "band", from: 2, to: 4 },
  columns: { type: "columns", keys: [7, 0, 3, 4] },
  duplicates: { type: "match", groups: GROUPS, shift: 0 },
  induction: { type: "match", groups: GROUPS, shift: 1 },
  "no groups": { type: "match", groups: [], shift: 0 },
  cells: { type: "cells", queries: [5, 2, 5, 9, 5], keys: [3, 1, 2, 0, 11] },
};
const SIZES: Size[] = [
  { nQuery: 12, nKey: 12, causal: true },
  { nQuery: 12, nKey: 12, causal: false },
  { nQuery: 9, nKey: 12, causal: false },
  { nQuery: 12, nKey: 5, causal: false },
];
const CASES = Object.entries(SHAPES).flatMap(([name, shape]) =>
  SIZES.map((size) => [name, size, shape] as const),
);

describe.each(CASES)("%s in %o", (_, size, shape) => {
  const geometry = geometryOf(shape, size);
  const expected = naive(shape, size);

  it("covers the cells that its definition says, by cell and by row", () => {
    for (let q = -1; q <= size.nQuery; q++) {
      for (let k = -1; k <= size.nKey; k++) {
        expect(`${q},${k} ${geometry.has(q, k)}`).toBe(`${q},${k} ${expected.has(`${q},${k}`)}`);
      }
      for (const [from, to] of [
        [0, 99],
        [-1, 4],
        [3, 6],
      ]) {
        const keys: number[] = [];
        const runs = geometry.row(q, from, to);
        for (let i = 0; i < runs.length; i += 2) {
          expect(i === 0 || runs[i] > runs[i - 1]).toBe(true); // touching runs are one
          for (let k = runs[i]; k < runs[i + 1]; k++) keys.push(k);
        }
        const wanted = [...Array(size.nKey).keys()].filter(
          (k) => k >= from && k < to && expected.has(`${q},${k}`),
        );
        expect(keys).toEqual(wanted);
      }
    }
  });

  it.each([0, 2, -2])("is outlined along its borders, and only there: inset %i", (inset) => {
    const cell = 10;
    const length = new Map<string, number>();
    outline(
      geometry,
      { q0: 0, q1: size.nQuery, k0: 0, k1: size.nKey },
      { x: 0, y: 0, cell },
      inset,
      (x0, y0, x1, y1) => {
        // Every line stays near a border between cells.
        const across = x0 === x1 ? x0 : y0;
        const off = Math.abs(((across % cell) + cell) % cell);
        expect(Math.min(off, cell - off)).toBe(Math.abs(inset));
        expect(x0 === x1 || y0 === y1).toBe(true);
        const kind = x0 === x1 ? "down" : "along";
        length.set(kind, (length.get(kind) ?? 0) + x1 - x0 + y1 - y0);
      },
    );
    if (inset !== 0) return;
    let down = 0;
    let along = 0;
    for (const at of expected) {
      const [q, k] = at.split(",").map(Number);
      for (const by of [-1, 1]) {
        if (!expected.has(`${q},${k + by}`)) down += cell;
        if (!expected.has(`${q + by},${k}`)) along += cell;
      }
    }
    expect([length.get("down") ?? 0, length.get("along") ?? 0]).toEqual([down, along]);
  });

  it("has the same pixels in small: every covered cell, and no other", () => {
    const { nQuery, nKey } = size;
    const bits = covered(
      geometry,
      { q0: 0, q1: nQuery, k0: 0, k1: nKey },
      { x: 0, y: 0, cell: 3 },
      nKey * 3,
      nQuery * 3,
    );
    expect(countBits(bits)).toBe(expected.size * 9);
    const pooled = covered(
      geometry,
      { q0: 0, q1: nQuery, k0: 0, k1: nKey },
      { x: 0, y: 0, cell: 0.25 },
      Math.ceil(nKey / 4),
      Math.ceil(nQuery / 4),
    );
    const blocks = new Set(
      [...expected].map((at) =>
        at
          .split(",")
          .map((i) => Math.floor(Number(i) / 4))
          .join(),
      ),
    );
    expect(countBits(pooled)).toBe(blocks.size);
  });
});

it("closes its corners: at every end of a line another line begins", () => {
  const geometry = geometryOf(SHAPES.band, SIZES[0]);
  const ends = new Map<string, number>();
  outline(geometry, { q0: 0, q1: 12, k0: 0, k1: 12 }, { x: 0, y: 0, cell: 10 }, 2, (...line) => {
    for (const at of [`${line[0]},${line[1]}`, `${line[2]},${line[3]}`]) {
      ends.set(at, (ends.get(at) ?? 0) + 1);
    }
  });
  expect([...ends.values()].every((count) => count === 2)).toBe(true);
});

it("keeps the same geometry for the same shape and size", () => {
  const shape = SHAPES.duplicates;
  expect(geometryOf(shape, SIZES[0])).toBe(geometryOf(shape, { ...SIZES[0] }));
  expect(geometryOf(shape, SIZES[1])).not.toBe(geometryOf(shape, SIZES[0]));
});

it("takes runs out of runs", () => {
  expect(without([0, 10], [2, 4, 6, 7])).toEqual([0, 2, 4, 6, 7, 10]);
  expect(without([0, 3, 5, 8], [2, 6])).toEqual([0, 2, 6, 8]);
  expect(without([0, 3], [0, 3])).toEqual([]);
  expect(without([4, 5], [])).toEqual([4, 5]);
});

it("nests only outlines that share cells, and more than where they cross", () => {
  const of = (name: string) => geometryOf(SHAPES[name], SIZES[0]);
  const all = { q0: 0, q1: 12, k0: 0, k1: 12 };
  expect(levelsOf([of("previous token"), of("stripe"), of("band")], all)).toEqual([0, 0, 1]);
  expect(levelsOf([of("band"), of("previous token"), of("current token")], all)).toEqual([0, 1, 1]);
  const column = geometryOf({ type: "columns", keys: [3] }, SIZES[0]);
  expect(levelsOf([of("previous token"), column], all)).toEqual([0, 0]);
  expect(levelsOf([of("band"), of("current token")], { ...all, q0: 6, k1: 4 })).toEqual([0, 0]);
});

describe("bitmap", () => {
  const pixels = (bits: ReturnType<typeof bitmap>, except: typeof bits | null = null) => {
    const out = new Uint32Array(bits.width * bits.height);
    paintBits(bits, except, 1, out);
    return out;
  };

  it.each([
    [0, 1],
    [31, 33],
    [5, 95],
    [-4, 200],
    [64, 64],
  ])("sets pixels %i to %i", (from, to) => {
    const bits = bitmap(100, 2);
    setRun(bits, 1, from, to);
    const out = pixels(bits);
    const expected = Array.from({ length: 200 }, (_, i) =>
      Number(i >= 100 + Math.max(0, from) && i < 100 + Math.min(100, to)),
    );
    expect([...out]).toEqual(expected);
    expect(countBits(bits)).toBe(expected.filter(Boolean).length);
  });

  it("grows by one pixel each way, within its size", () => {
    const bits = bitmap(70, 5);
    setRun(bits, 2, 31, 33);
    setRun(bits, 0, 69, 70);
    const out = pixels(grown(bits));
    const at = (x: number, y: number) => out[y * 70 + x];
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 70; x++) {
        const near = (y >= 1 && y <= 3 && x >= 30 && x <= 33) || (y <= 1 && x >= 68);
        expect(`${x},${y}: ${at(x, y)}`).toBe(`${x},${y}: ${Number(near)}`);
      }
    }
    expect(pixels(grown(bits), bits)[2 * 70 + 31]).toBe(0);
  });
});
