import { atlasTable } from "../../../js/src/pattern/atlas.ts";
import { SHOWN_ONE } from "../../../js/src/pattern/color.ts";
import { nearestBlock, pool } from "../../../js/src/pattern/pool.ts";
import { paintWindow } from "../../../js/src/pattern/raster.ts";
import { displayOf } from "../../../js/src/pattern/scale.ts";
import { paintThumb, spans } from "../../../js/src/pattern/thumbs.ts";
import { decodeAtlas, decodePattern } from "../../../js/src/pattern/wire.ts";
import { fullPattern, gridTraits, wirePattern } from "../support.ts";

function random(nQuery: number, nKey: number) {
  let seed = 1;
  const next = () => {
    seed = (seed * 16807) % 2147483647;
    return (seed / 2147483647) ** 4;
  };
  return Array.from({ length: nQuery }, () => Array.from({ length: nKey }, next));
}

describe("pool", () => {
  it.each([2, 3, 4, 7])("keeps the largest code of each block of %i", (block) => {
    const rows = random(11, 13);
    const pattern = fullPattern(rows);
    const level = pool(pattern, displayOf(pattern, "linear"), block);
    for (let r = 0; r < level.rows; r++) {
      for (let c = 0; c < level.columns; c++) {
        const block_rows = rows.slice(r * block, (r + 1) * block);
        const most = Math.max(
          ...block_rows.flatMap((row) => row.slice(c * block, (c + 1) * block)),
        );
        expect(level.codes[r * level.columns + c]).toBe(Math.round(most * 65535));
      }
    }
  });

  it("keeps a stripe one cell wide in a large causal pattern", () => {
    const n = 600;
    const codes = new Uint16Array((n * (n + 1)) / 2);
    for (let q = 100; q < n; q++) codes[(q * (q + 1)) / 2 + q - 100] = 60000;
    const pattern = fullPattern([[0]], { codes, nQuery: n, nKey: n, causal: true });
    const level = pool(pattern, displayOf(pattern, "linear"), 4);
    for (let q = 100; q < n; q++) {
      const at = Math.floor(q / 4) * level.columns + Math.floor((q - 100) / 4);
      expect(level.codes[at]).toBe(60000);
    }
  });

  it("compares shown values, not raw ones, where rows have factors of their own", () => {
    const pattern = fullPattern([
      [0.8, 0.1, 0.1, 0],
      [0.01, 0.02, 0, 0],
    ]);
    const level = pool(pattern, displayOf(pattern, "row_max"), 2);
    // blocks: max(1, 0.125, 0.5, 1) and max(0.125, 0, 0, 0)
    expect(level.codes[0]).toBe(SHOWN_ONE);
    expect(level.codes[1] / SHOWN_ONE).toBeCloseTo(0.125, 3);
  });

  it("leaves the first key out under exclude_first", () => {
    const pattern = fullPattern([[0.9, 0.025, 0.075, 0]]);
    const level = pool(pattern, displayOf(pattern, "exclude_first"), 2);
    expect(level.codes[0] / SHOWN_ONE).toBeCloseTo(0.25, 3);
    expect(level.codes[1] / SHOWN_ONE).toBeCloseTo(0.75, 3);
  });

  it("stops when its time is used up and goes on where it stopped", () => {
    const rows = random(200, 50);
    const whole = fullPattern(rows);
    const pieces = fullPattern(rows);
    const expected = pool(whole, displayOf(whole, "linear"), 3);
    const display = displayOf(pieces, "linear");
    expect(pool(pieces, display, 3, -1).done).toBeLessThan(200);
    expect(nearestBlock(pieces, display, 3)).toBeNull();
    let calls = 0;
    while (pool(pieces, display, 3, -1).done < 200 && calls < 100) calls++;
    expect(pool(pieces, display, 3).codes).toEqual(expected.codes);
    expect(nearestBlock(pieces, display, 5)).toBe(3);
  });
});

describe("paintWindow", () => {
  const table = Uint32Array.from({ length: 65536 }, (_, code) => code + 1);
  const paint = (
    pattern: ReturnType<typeof fullPattern>,
    scale: "linear" | "exclude_first",
    block = 1,
  ) => {
    const size = Math.ceil(pattern.nKey / block);
    const out = new Uint32Array(size * Math.ceil(pattern.nQuery / block)).fill(77);
    const window = {
      block,
      top: 0,
      bottom: Math.ceil(pattern.nQuery / block),
      left: 0,
      right: size,
    };
    paintWindow(pattern, displayOf(pattern, scale), table, window, out);
    return [...out];
  };

  it("leaves the future of a causal pattern transparent", () => {
    const out = paint(decodePattern(wirePattern(0, 0)), "linear");
    expect(out.map((pixel) => (pixel ? 1 : 0))).toEqual([
      1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1,
    ]);
    const pooled = paint(decodePattern(wirePattern(0, 0)), "linear", 2);
    expect(pooled.map((pixel) => (pixel ? 1 : 0))).toEqual([1, 0, 1, 1]);
  });

  it("paints only the window", () => {
    const pattern = fullPattern(random(6, 6));
    const out = new Uint32Array(4);
    const window = { block: 1, top: 2, bottom: 4, left: 3, right: 5 };
    paintWindow(pattern, displayOf(pattern, "linear"), table, window, out);
    const at = (q: number, k: number) => pattern.codes[q * 6 + k] + 1;
    expect([...out]).toEqual([at(2, 3), at(2, 4), at(3, 3), at(3, 4)]);
  });

  it("leaves undefined rows and the first column transparent under exclude_first", () => {
    const pattern = fullPattern([
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(paint(pattern, "exclude_first").map((pixel) => (pixel ? 1 : 0))).toEqual([0, 0, 0, 1]);
    expect(displayOf(pattern, "exclude_first").undefinedRows).toEqual([[0, 1]]);
  });
});

describe("spans", () => {
  it("covers every code when shrinking and repeats them when enlarging", () => {
    expect([...spans(10, 4)]).toEqual([0, 3, 2, 5, 5, 8, 7, 10]);
    expect([...spans(2, 4)]).toEqual([0, 1, 0, 1, 1, 2, 1, 2]);
  });
});

describe("paintThumb", () => {
  const wire = gridTraits({}).atlas!;
  const paint = (scale: "linear" | "exclude_first", nKeyTokens: number, side: number) => {
    const atlas = decodeAtlas({ ...wire, data: new Uint8Array(60).fill(255), scale }, nKeyTokens);
    const out = new Uint32Array(side * side);
    paintThumb(
      atlas,
      1,
      { colors: atlasTable(1 / 255, scale, new Uint32Array(256).fill(7)), blank: 3 },
      out,
      0,
      side,
      side,
      side,
    );
    return [...out.slice(-side)];
  };

  it("leaves the first key blank where it is left out and has a column of its own", () => {
    expect(paint("exclude_first", 4, 4)).toEqual([3, 7, 7, 7]);
    expect(paint("exclude_first", 4, 8)).toEqual([3, 3, 7, 7, 7, 7, 7, 7]);
    expect(paint("exclude_first", 4, 2)).toEqual([7, 7]);
    expect(paint("exclude_first", 8, 4)).toEqual([7, 7, 7, 7]);
    expect(paint("linear", 4, 4)).toEqual([7, 7, 7, 7]);
  });

  const colors = Uint32Array.from({ length: 256 }, (_, code) => 1000 + code);
  const pixels = (rows: number[][], cells: number, side = rows.length) => {
    const codes = Uint8Array.from(rows.flat());
    const thumbs = { codes, nQuery: rows.length, nKey: rows.length, cells: [cells] };
    const out = new Uint32Array(side * side);
    paintThumb(thumbs, 0, { colors, blank: 7 }, out, 0, side, side, side);
    return [...out];
  };

  it("leaves the future blank where it is told that a picture is causal, whatever its codes are", () => {
    const rows = [
      [255, 0],
      [9, 128],
    ];
    expect(pixels(rows, 2)).toEqual([1255, 7, 1009, 1128]);
    expect(pixels(rows, 0)).toEqual([1255, 1000, 1009, 1128]);
  });

  it("of a small pattern that fills its picture is blank from where the next cell begins", () => {
    const rows = [
      [9, 9, 0, 0],
      [9, 9, 0, 0],
      [5, 5, 4, 4],
      [5, 5, 4, 4],
    ];
    expect(pixels(rows, 2).slice(4, 12)).toEqual([1009, 1009, 7, 7, 1005, 1005, 1004, 1004]);
    expect(pixels(rows, 4).slice(0, 4)).toEqual([1009, 7, 7, 7]);
  });
});
