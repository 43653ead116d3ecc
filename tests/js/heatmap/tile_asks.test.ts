import { type Ask, NO_ANSWER, ofPattern, tileAsks } from "../../../js/src/heatmap/tile_asks.ts";
import { TileStore, tileName } from "../../../js/src/heatmap/tile_store.ts";
import type { TileId } from "../../../js/src/pattern/finer.ts";
import type { Line } from "../../../js/src/pattern/line.ts";
import { longPattern, longTile } from "../long.ts";

const [view, one, two] = [{}, {}, {}];
const rule = (query: number, key: number) => query + key;
const pattern = longPattern(2048, 2, rule);
const id = (row: number, column: number): TileId => ({ block: 1, row, column });
const line = (index: number): Line => ({
  axis: "query",
  index,
  codes: new Uint16Array(2048),
  offset: 0,
  step: 1,
  masked: false,
  factors: null,
});

function asking() {
  vi.useFakeTimers();
  const store = new TileStore();
  const asked: Ask[] = [];
  const failures: string[] = [];
  const ended = new AbortController();
  const asks = tileAsks(
    store,
    (ask) => asked.push(ask),
    () => {},
    (text) => failures.push(text),
    ended.signal,
  );
  const tiles = () =>
    asked.map((ask) => (ask.ask === "tiles" ? ask.tiles.map(([, r, c]) => [r, c]) : []));
  const come = (row: number, column: number) =>
    asks.tileCame(pattern.id, longTile(2048, id(row, column), rule));
  return { store, asks, asked, failures, tiles, come, ended };
}
afterEach(() => vi.useRealTimers());

describe("asking for tiles", () => {
  it("names the pattern as Python does", () => {
    const of = ofPattern({ ...pattern, id: "a/b/pattern/3/4/row_max", shownAs: "row_max" });
    expect(of).toEqual({
      trace_id: "a/b",
      kind: "pattern",
      layer: 0,
      head: 0,
      shown_as: "row_max",
    });
  });

  it("asks once the hand rests, for the last window alone", () => {
    const { asks, tiles } = asking();
    asks.want(view, pattern, [id(0, 0)]);
    vi.advanceTimersByTime(30);
    asks.want(view, pattern, [id(1, 0), id(1, 1)]);
    vi.advanceTimersByTime(49);
    expect(tiles()).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(tiles()).toEqual([
      [
        [1, 0],
        [1, 1],
      ],
    ]);
  });

  it("does not wait forever for a hand that never rests", () => {
    const { asks, asked } = asking();
    for (let step = 0; step < 10; step++) {
      asks.want(view, pattern, [id(step % 8, 0)]);
      vi.advanceTimersByTime(20);
    }
    expect(asked.length).toBeGreaterThan(0);
  });

  it("asks for what is not here, also for what is on its way, and never twice for the same", () => {
    const { asks, tiles, come } = asking();
    asks.want(view, pattern, [id(0, 0), id(1, 0)]);
    vi.advanceTimersByTime(60);
    come(0, 0);
    asks.want(view, pattern, [id(0, 0), id(1, 0), id(1, 1)]);
    vi.advanceTimersByTime(60);
    asks.want(view, pattern, [id(1, 1)]);
    vi.advanceTimersByTime(60);
    expect(tiles().slice(1)).toEqual([
      [
        [1, 0],
        [1, 1],
      ],
    ]);
  });

  it("comes back to another view's tiles that were left out for a newer request", () => {
    const { asks, tiles, come } = asking();
    asks.want(one, pattern, [id(0, 0)]);
    vi.advanceTimersByTime(60);
    asks.want(two, pattern, [id(5, 5)]);
    vi.advanceTimersByTime(60);
    asks.dropped(1);
    come(5, 5);
    expect(tiles()).toEqual([[[0, 0]], [[5, 5]], [[0, 0]]]);
  });

  it("asks again where no answer comes, then says so; an answer ends that", () => {
    const { asks, asked, failures, come } = asking();
    asks.want(view, pattern, [id(0, 0)]);
    vi.advanceTimersByTime(8100);
    expect(asked).toHaveLength(2);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(8100);
    expect(failures).toEqual([NO_ANSWER]);
    vi.advanceTimersByTime(60_000);
    expect(asked.length).toBeLessThan(5);
    come(0, 0);
    expect(failures.at(-1)).toBe("");
  });

  it("shows what Python refuses, and does not ask the same again by itself", () => {
    const { asks, asked, failures } = asking();
    asks.want(view, pattern, [id(0, 0)]);
    vi.advanceTimersByTime(60);
    asks.failed(1, "no such head");
    vi.advanceTimersByTime(60_000);
    expect(failures).toEqual(["no such head"]);
    expect(asked).toHaveLength(1);
  });
});

describe("asking for lines", () => {
  it("asks for one at a time, and then for the newest alone", () => {
    const { asks, asked } = asking();
    for (const index of [5, 6, 7, 8]) asks.wantLine({ pattern, axis: "query", index });
    expect(asked.map((ask) => ask.ask === "line" && ask.index)).toEqual([5]);
    asks.lineCame(pattern.id, line(5));
    expect(asked.map((ask) => ask.ask === "line" && ask.index)).toEqual([5, 8]);
    asks.lineCame(pattern.id, line(8));
    expect(asked).toHaveLength(2);
  });

  it("goes on after one that was refused", () => {
    const { asks, asked } = asking();
    asks.wantLine({ pattern, axis: "query", index: 1 });
    asks.wantLine({ pattern, axis: "key", index: 2 });
    asks.failed(1, "no");
    expect(asked.map((ask) => ask.ask === "line" && ask.axis)).toEqual(["query", "key"]);
  });
});

describe("what is kept", () => {
  it("stays within its bytes, and the oldest use goes first", () => {
    const tile = longTile(2048, id(0, 0), rule);
    const store = new TileStore(null, 2.5 * tile.codes.byteLength);
    for (const row of [0, 1]) store.tiles.add(tileName("p", id(row, 0)), tile);
    store.tile(tileName("p", id(0, 0)));
    store.tiles.add(tileName("p", id(2, 0)), tile);
    const here = [0, 1, 2].map((row) => store.tile(tileName("p", id(row, 0))) !== null);
    expect(here).toEqual([true, false, true]);
    expect(store.tiles.bytes).toBe(2 * tile.codes.byteLength);
  });
});
