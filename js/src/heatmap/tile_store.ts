// Tiles and exact lines as they came, or as a page holds them -> found again by pattern and place.

import { ByteCache } from "../kit/byte_cache.ts";
import type { TileId } from "../pattern/finer.ts";
import type { Axis, Line } from "../pattern/line.ts";
import type { Tile } from "../pattern/tiles.ts";

/** With 64 MB of patterns and the canvases a page of one long heatmap stays far below 300 MB. */
const TILE_BYTES = 96 * 2 ** 20;
const LINE_BYTES = 8 * 2 ** 20;

export const tileName = (pattern: string, { block, row, column }: TileId) =>
  `${pattern}#${block}/${row}/${column}`;
export const lineName = (pattern: string, axis: Axis, index: number) =>
  `${pattern}#${axis}/${index}`;

/** What a page without a kernel holds, by name; decoded when it is asked for. */
export interface Archived {
  readonly tiles: ReadonlyMap<string, () => Tile>;
  readonly lines: ReadonlyMap<string, () => Line>;
}

export class TileStore {
  readonly tiles: ByteCache<Tile>;
  readonly lines: ByteCache<Line>;
  readonly #archived: Archived | null;

  constructor(archived: Archived | null = null, tileBytes = TILE_BYTES, lineBytes = LINE_BYTES) {
    this.#archived = archived;
    this.tiles = new ByteCache(tileBytes, ({ codes }) => codes.byteLength);
    this.lines = new ByteCache(lineBytes, ({ codes, factors }) => {
      return codes.byteLength + (factors?.byteLength ?? 0);
    });
  }

  tile(name: string): Tile | null {
    return found(this.tiles, name, this.#archived?.tiles);
  }

  line(name: string): Line | null {
    return found(this.lines, name, this.#archived?.lines);
  }
}

function found<V>(
  cache: ByteCache<V>,
  name: string,
  archived: ReadonlyMap<string, () => V> | undefined,
): V | null {
  const here = cache.get(name);
  const make = here === null ? archived?.get(name) : undefined;
  if (!make) return here;
  const made = make();
  cache.add(name, made);
  return made;
}
