// What a view may ask of patterns that are too long to be here whole: their tiles and exact lines, as they come.

import type { FinerParts, TileId } from "../pattern/finer.ts";
import type { Axis, Line } from "../pattern/line.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { finerParts, type TileSource } from "../pattern/tiles.ts";
import type { Ask, Asks } from "./tile_asks.ts";
import { tileAsks } from "./tile_asks.ts";
import { lineOfTiles } from "./tile_lines.ts";
import { type Archived, lineName, TileStore, tileName } from "./tile_store.ts";

export interface Detail {
  /** Where nobody can be asked, lines may be missing for good. */
  readonly askable: boolean;
  /** `table`: the colours of codes. */
  finer(pattern: Pattern, table: TileSource["table"]): FinerParts;
  /** null: it is not here; `ask`: it is asked for where that is possible. */
  line(pattern: Pattern, axis: Axis, index: number, ask: boolean): Line | null;
  want(view: object, pattern: Pattern, tiles: readonly TileId[]): void;
  forget(view: object): void;
  /** What went wrong; "" where nothing did. */
  failure(): string;
  /** Call `fn` whenever something came, or failed. */
  onChange(fn: () => void, signal: AbortSignal): void;
}

/** `send`: null where nobody listens, on a page. Returns what takes the answers, too. */
export function openDetail(
  send: ((ask: Ask) => void) | null,
  archived: Archived | null,
  signal: AbortSignal,
): { detail: Detail; asks: Asks } {
  const store = new TileStore(archived);
  const listeners = new Set<() => void>();
  let failed = "";
  const tell = () => {
    for (const fn of listeners) fn();
  };
  const fail = (text: string) => {
    if (text === failed) return;
    failed = text;
    tell();
  };
  const asks = tileAsks(store, send ?? (() => {}), tell, fail, signal);
  const detail: Detail = {
    askable: send !== null,
    finer: (pattern, table) =>
      finerParts(pattern, { table, tile: (id) => store.tile(tileName(pattern.id, id)) }),
    line(pattern, axis, index, ask) {
      const name = lineName(pattern.id, axis, index);
      const line = store.line(name);
      if (line) return line;
      const made = lineOfTiles(pattern, axis, index, (row, column) =>
        store.tile(tileName(pattern.id, { block: 1, row, column })),
      );
      if (made) store.lines.add(name, made);
      else if (send && ask) asks.wantLine({ pattern, axis, index });
      return made;
    },
    want(view, pattern, tiles) {
      if (send) asks.want(view, pattern, tiles);
    },
    forget: asks.forget,
    failure: () => failed,
    onChange(fn, until) {
      listeners.add(fn);
      until.addEventListener("abort", () => listeners.delete(fn), { once: true });
    },
  };
  return { detail, asks };
}
