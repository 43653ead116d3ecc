import { lineOfTiles } from "../../../js/src/heatmap/tile_lines.ts";
import type { TileId } from "../../../js/src/pattern/finer.ts";
import { displayOf } from "../../../js/src/pattern/scale.ts";
import {
  blockWanted,
  MOST_TILES,
  paintTiles,
  TILE,
  tilesIn,
  tilesWanted,
} from "../../../js/src/pattern/tiles.ts";
import { longPattern, longTile } from "../long.ts";

const size = { nQuery: 4096, nKey: 4096, causal: true, block: 4 };
const whole = { q0: 0, q1: 4096, k0: 0, k1: 4096 };
const names = (tiles: TileId[]) => tiles.map(({ row, column }) => `${row},${column}`).sort();

describe("which tiles a window wants", () => {
  it("chooses the level whose blocks are about one CSS pixel", () => {
    expect(blockWanted(0.125, 64)).toBe(8);
    expect(blockWanted(0.2, 64)).toBe(8);
    expect(blockWanted(1, 64)).toBe(1);
    expect(blockWanted(30, 64)).toBe(1);
    expect(blockWanted(0.01, 8)).toBe(8); // there is nothing coarser than the overview
  });

  it("wants none where the overview is fine enough", () => {
    expect(tilesWanted(size, whole, 600 / 4096).tiles).toEqual([]);
  });

  it("wants those in sight, and of causal patterns none above the diagonal", () => {
    const sight = { q0: 1000, q1: 1100, k0: 900, k1: 1100 };
    expect(names(tilesIn(size, sight, 1))).toEqual(["3,3", "4,3", "4,4"]);
    expect(names(tilesIn({ ...size, causal: false }, sight, 1))).toEqual([
      "3,3",
      "3,4",
      "4,3",
      "4,4",
    ]);
    expect(tilesIn(size, { q0: 0, q1: 500, k0: 600, k1: 900 }, 1)).toEqual([]);
  });

  it("begins in the middle", () => {
    const tiles = tilesIn({ ...size, causal: false }, { q0: 0, q1: 1280, k0: 0, k1: 1280 }, 1);
    expect(tiles).toHaveLength(25);
    expect(tiles[0]).toEqual({ block: 1, row: 2, column: 2 });
  });

  it("never wants more than 2 MB at once: a coarser level where that would be more", () => {
    for (let at = 0; at < 3000; at += 77) {
      const sight = { q0: at + 900, q1: at + 1900, k0: at, k1: at + 1000 };
      const { tiles } = tilesWanted({ ...size, nQuery: 32768, nKey: 32768, block: 32 }, sight, 1);
      expect(tiles.length).toBeGreaterThan(0);
      expect(tiles.length).toBeLessThanOrEqual(MOST_TILES);
      expect(tiles.length * TILE * TILE * 2).toBeLessThan(2e6);
    }
  });
});

describe("the picture of a window", () => {
  const value = (query: number, key: number) => (query * 31 + key * 17) % 60000;
  const n = 3000;
  const pattern = longPattern(n, 4, value);
  const table = Uint32Array.from({ length: 65536 }, (_, code) => code + 1);
  const paint = (here: TileId[], block: number, top: number, left: number, scale = pattern) => {
    const out = new Uint32Array(40 * 50);
    const tile = (id: TileId) => {
      const found = here.some(
        (one) => one.block === id.block && one.row === id.row && one.column === id.column,
      );
      return found ? longTile(n, id, value) : null;
    };
    const window = { block, top, bottom: top + 40, left, right: left + 50 };
    const missing = paintTiles(
      scale,
      displayOf(scale, "linear"),
      { tile, table: () => table },
      window,
      out,
    );
    return { missing, at: (row: number, column: number) => out[(row - top) * 50 + column - left] };
  };
  /** The largest value of a block, and only of what a query sees. */
  const most = (block: number, row: number, column: number) => {
    let found = 0;
    for (let q = row * block; q < Math.min(n, (row + 1) * block); q++)
      for (let k = column * block; k < Math.min(q + 1, (column + 1) * block); k++)
        found = Math.max(found, value(q, k));
    return found + 1;
  };

  it("shows exact cells across the edges of tiles", () => {
    const ids = [1, 2].flatMap((row) => [0, 1].map((column) => ({ block: 1, row, column })));
    const { missing, at } = paint(ids, 1, 500, 240);
    expect(missing).toBe(0);
    for (const [q, k] of [
      [500, 240],
      [511, 255],
      [512, 256],
      [539, 289],
    ])
      expect(at(q, k)).toBe(value(q, k) + 1);
  });

  it("shows the largest of blocks of a coarser level", () => {
    const { missing, at } = paint([{ block: 2, row: 2, column: 0 }], 2, 600, 100);
    expect(missing).toBe(0);
    expect(at(600, 100)).toBe(most(2, 600, 100));
    expect(at(639, 149)).toBe(most(2, 639, 149));
  });

  it("falls back to the next coarser tile that is here, then to the overview", () => {
    const coarser = paint([{ block: 2, row: 1, column: 0 }], 1, 800, 300);
    expect(coarser.missing).toBe(1);
    expect(coarser.at(801, 301)).toBe(most(2, 400, 150));
    const overview = paint([], 1, 800, 300);
    expect(overview.at(801, 301)).toBe(most(4, 200, 75));
  });

  it("leaves the future blank, whatever stands in the tile", () => {
    const { at } = paint([{ block: 1, row: 1, column: 1 }], 1, 300, 290);
    expect(at(300, 300)).toBe(value(300, 300) + 1);
    expect(at(300, 301)).toBe(0);
  });

  it("leaves rows without shown values blank", () => {
    const gaps = { ...pattern, shownAs: "row_max" as const, undefinedRows: [[310, 312]] as const };
    const { at } = paint([{ block: 1, row: 1, column: 1 }], 1, 300, 256, gaps);
    expect([309, 310, 311, 312].map((q) => at(q, 280) > 0)).toEqual([true, false, false, true]);
  });

  it("leaves the first key out of exact cells where the scale does", () => {
    const without = { ...pattern, shownAs: "exclude_first" as const };
    const { at } = paint([{ block: 1, row: 1, column: 0 }], 1, 300, 0, without);
    expect(at(300, 0)).toBe(0);
    expect(at(300, 1)).toBeGreaterThan(0);
  });
});

describe("rows and columns of tiles that are here", () => {
  const rule = (query: number, key: number) => query * 3 + key;
  const long = longPattern(700, 2, rule);
  const all = (row: number, column: number) => longTile(700, { block: 1, row, column }, rule);

  it("are put together from them", () => {
    const row = lineOfTiles(long, "query", 600, all)!;
    expect([row.codes[0], row.codes[300], row.codes[600]]).toEqual([1800, 2100, 2400]);
    const column = lineOfTiles(long, "key", 300, all)!;
    expect([column.codes[300], column.codes[699]]).toEqual([1200, 2397]);
    expect(column.codes).toHaveLength(700);
  });

  it("are not, where a tile is missing or holds something else than values", () => {
    expect(lineOfTiles(long, "query", 600, (r, c) => (c === 1 ? null : all(r, c)))).toBeNull();
    expect(lineOfTiles({ ...long, shownAs: "row_max" }, "query", 600, all)).toBeNull();
  });
});
