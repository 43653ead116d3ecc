// What views want of long patterns and do not have -> messages to Python: the newest wish first, and again where no
// answer comes.

import { later } from "../kit/dom.ts";
import type { TileId } from "../pattern/finer.ts";
import type { Axis, Line } from "../pattern/line.ts";
import type { Pattern, ShownAs } from "../pattern/pattern.ts";
import type { Tile } from "../pattern/tiles.ts";
import { lineName, type TileStore, tileName } from "./tile_store.ts";

/** A pattern as Python names it. */
export interface Of {
  readonly trace_id: string;
  readonly kind: string;
  readonly layer: number;
  readonly head: number;
  readonly shown_as: ShownAs;
}

export type Ask =
  | { ask: "tiles"; request: number; of: Of; tiles: [number, number, number][] }
  | { ask: "line"; request: number; of: Of; axis: Axis; index: number };

/** A moving hand rests this long before tiles are asked for, in ms; one that never rests is not waited for. */
const REST = 50;
const LONGEST = 150;
/** Without any answer for this long the same is asked again, and then it is said. */
const OVERDUE = 8000;

export const NO_ANSWER =
  "No answer from Python to a part of the pattern. If the kernel was stopped or restarted, run the cell again.";

export function ofPattern({ id, kind, layer, head, shownAs }: Pattern): Of {
  return {
    trace_id: id.slice(0, id.lastIndexOf(`/${kind}/`)),
    kind,
    layer,
    head,
    shown_as: shownAs,
  };
}

interface Wish {
  readonly pattern: Pattern;
  readonly tiles: readonly TileId[];
}

interface Wanted {
  readonly pattern: Pattern;
  readonly axis: Axis;
  readonly index: number;
}

export interface Asks {
  /** What a view wants now, in place of what it wanted before. */
  want(view: object, pattern: Pattern, tiles: readonly TileId[]): void;
  forget(view: object): void;
  wantLine(wanted: Wanted): void;
  tileCame(pattern: string, tile: Tile): void;
  lineCame(pattern: string, line: Line): void;
  /** Python left them out for a newer request. */
  dropped(request: number): void;
  failed(request: number, text: string): void;
}

export function tileAsks(
  store: TileStore,
  send: (ask: Ask) => void,
  changed: () => void,
  failure: (text: string) => void,
  signal: AbortSignal,
): Asks {
  const wishes = new Map<object, Wish>(); // the newest last
  const rest = later(signal);
  const overdue = later(signal);
  let request = 0;
  let firstWish: number | null = null;
  /** Names of tiles that were asked for and did not come, and of which request they are. */
  let pending = new Map<string, number>();
  let line: { name: string; request: number } | null = null;
  let next: Wanted | null = null;
  let late = 0;

  const missing = ({ pattern, tiles }: Wish) =>
    tiles.filter((id) => store.tile(tileName(pattern.id, id)) === null);

  function flush(): void {
    firstWish = null;
    const before = pending;
    pending = new Map();
    for (const wish of [...wishes.values()].reverse()) {
      const { pattern } = wish;
      const ids = missing(wish);
      const names = ids.map((id) => tileName(pattern.id, id));
      if (names.every((name) => before.has(name))) {
        for (const name of names) pending.set(name, before.get(name)!);
        continue;
      }
      request += 1;
      for (const name of names) pending.set(name, request);
      const tiles = ids.map((id) => [id.block, id.row, id.column] as [number, number, number]);
      send({ ask: "tiles", request, of: ofPattern(pattern), tiles });
    }
    watch();
  }

  function askLine(): void {
    if (line || !next) return;
    const { pattern, axis, index } = next;
    next = null;
    const name = lineName(pattern.id, axis, index);
    if (store.line(name)) return;
    request += 1;
    line = { name, request };
    send({ ask: "line", request, of: ofPattern(pattern), axis, index });
    watch();
  }

  /** Any answer is a sign of life. */
  function watch(): void {
    if (!pending.size && !line) {
      late = 0;
      overdue.stop();
    } else overdue.start(again, OVERDUE);
  }

  function again(): void {
    late += 1;
    if (late > 1) failure(NO_ANSWER);
    pending = new Map();
    line = null;
    if (late < 3) flush();
    changed(); // which wants the line again
  }

  function came(): void {
    late = 0;
    failure("");
    watch();
    changed();
  }

  signal.addEventListener("abort", () => wishes.clear(), { once: true });
  return {
    want(view, pattern, tiles) {
      const before = wishes.get(view);
      if (before?.pattern === pattern && sameTiles(before.tiles, tiles)) return;
      wishes.delete(view);
      wishes.set(view, { pattern, tiles });
      if (missing({ pattern, tiles }).length === 0) return;
      const now = performance.now();
      firstWish ??= now;
      rest.start(flush, Math.max(0, Math.min(REST, firstWish + LONGEST - now)));
    },
    forget: (view) => wishes.delete(view),
    wantLine(wanted) {
      const name = lineName(wanted.pattern.id, wanted.axis, wanted.index);
      if (name === line?.name) {
        next = null;
        return;
      }
      next = wanted;
      askLine();
    },
    tileCame(pattern, tile) {
      const name = tileName(pattern, tile);
      store.tiles.add(name, tile);
      pending.delete(name);
      // what was left out for another view's wish has its turn now
      if (!pending.size && [...wishes.values()].some((wish) => missing(wish).length)) flush();
      came();
    },
    lineCame(pattern, got) {
      const name = lineName(pattern, got.axis, got.index);
      store.lines.add(name, got);
      if (line?.name === name) line = null;
      askLine();
      came();
    },
    dropped(of) {
      for (const [name, asked] of pending) if (asked === of) pending.delete(name);
      watch();
    },
    failed(of, text) {
      for (const [name, asked] of pending) if (asked === of) pending.delete(name);
      if (line?.request === of) line = null;
      watch();
      failure(text);
      askLine();
    },
  };
}

function sameTiles(a: readonly TileId[], b: readonly TileId[]): boolean {
  const same = (one: TileId, other: TileId) =>
    one.block === other.block && one.row === other.row && one.column === other.column;
  return a.length === b.length && a.every((id, i) => same(id, b[i]));
}
