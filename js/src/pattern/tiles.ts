// The cells in sight of a long pattern -> which tiles a picture of them wants, of which level, and their pixels.
//
// A tile is TILE x TILE blocks of cells, each block by its largest value. Levels are powers of two, and each tile lies
// within one tile of every coarser level; the coarsest level of all is the pattern's own overview.

import type { FinerParts, Sight, TileId } from "./finer.ts";
import { blocksOf, type Pattern, rowStart } from "./pattern.ts";
import type { Window } from "./raster.ts";
import { type Display, isUndefined } from "./scale.ts";

export const TILE = 256;
/** At 2 bytes a block they are just under 2 MB. */
export const MOST_TILES = 15;

export interface Tile extends TileId {
  /** [height, width], also above the diagonal of a causal pattern. */
  readonly codes: Uint16Array;
  readonly width: number;
  readonly height: number;
  /** value = offset + step * code */
  readonly offset: number;
  readonly step: number;
  readonly masked: boolean;
}

/** Where a picture's values are read: tiles that are here, and the colours of their codes. */
export interface TileSource {
  tile(id: TileId): Tile | null;
  table(of: Pick<Tile, "offset" | "step" | "masked">): Uint32Array;
}

type Size = Pick<Pattern, "nQuery" | "nKey" | "causal" | "block">;

/** The level whose blocks are at least one CSS pixel large; `cell` is how large a cell is. */
export function blockWanted(cell: number, coarsest: number): number {
  let block = 1;
  while (block < coarsest && block * cell < 1 - 1e-6) block *= 2;
  return block;
}

/** Tiles of one level that hold cells in sight, from the middle outwards. Those above the diagonal hold none. */
export function tilesIn({ nQuery, nKey, causal }: Size, sight: Sight, block: number): TileId[] {
  const side = TILE * block;
  const q1 = Math.min(sight.q1, nQuery);
  const k1 = Math.min(sight.k1, nKey);
  const middle = {
    row: (sight.q0 + q1) / 2 / side - 0.5,
    column: (sight.k0 + k1) / 2 / side - 0.5,
  };
  const found: TileId[] = [];
  for (let row = Math.floor(sight.q0 / side); row * side < q1; row++) {
    const last = Math.min(q1, (row + 1) * side) - 1;
    for (let column = Math.floor(sight.k0 / side); column * side < k1; column++) {
      if (!causal || Math.max(sight.k0, column * side) <= last) found.push({ block, row, column });
    }
  }
  const far = (id: TileId) => Math.hypot(id.row - middle.row, id.column - middle.column);
  return found.sort((a, b) => far(a) - far(b));
}

/** The level to draw, and its tiles; none where the overview is fine enough. Never more than MOST_TILES. */
export function tilesWanted(
  pattern: Size,
  sight: Sight,
  cell: number,
): { block: number; tiles: TileId[] } {
  for (let block = blockWanted(cell, pattern.block); block < pattern.block; block *= 2) {
    const tiles = tilesIn(pattern, sight, block);
    if (tiles.length <= MOST_TILES) return { block, tiles };
  }
  return { block: pattern.block, tiles: [] };
}

/** As the picture of a pooled pattern uses them. */
export function finerParts(pattern: Pattern, source: TileSource): FinerParts {
  return {
    wanted: (sight, cell) => tilesWanted(pattern, sight, cell).tiles,
    paint: (display, window, out) => paintTiles(pattern, display, source, window, out),
  };
}

/** What is read for one tile of the picture: blocks of this level or of a coarser one. */
interface Blocks {
  readonly codes: Uint16Array;
  readonly table: Uint32Array;
  /** How many times the picture's blocks fit into one of these, as a power of two. */
  readonly shift: number;
  /** Where the codes of a row of these begin, if it had a column 0. */
  start(row: number): number;
}

/** Fill `out`, row after row, from the finest tiles there are. Returns how many of the level's own were missing. */
export function paintTiles(
  pattern: Pattern,
  display: Display,
  source: TileSource,
  window: Window,
  out: Uint32Array,
): number {
  const { block, top, bottom, left, right } = window;
  const width = right - left;
  let missing = 0;
  out.fill(0);
  const sight = { q0: top * block, q1: bottom * block, k0: left * block, k1: right * block };
  for (const id of tilesIn(pattern, sight, block)) {
    const { codes, table, shift, start } = finest(pattern, source, id);
    if (shift > 0) missing += 1;
    const from = Math.max(left, id.column * TILE, display.skipFirst && block === 1 ? 1 : 0);
    const until = Math.min(right, (id.column + 1) * TILE);
    for (
      let row = Math.max(top, id.row * TILE);
      row < Math.min(bottom, (id.row + 1) * TILE);
      row++
    ) {
      const last = Math.min(pattern.nQuery, (row + 1) * block);
      if (isUndefined(display, row * block, last)) continue;
      const end = pattern.causal ? Math.min(until, row + 1) : until;
      const line = (row - top) * width - left;
      const at = start(row >> shift);
      for (let column = from; column < end; column++) {
        out[line + column] = table[codes[at + (column >> shift)]];
      }
    }
  }
  return missing;
}

function finest(pattern: Pattern, source: TileSource, { block, row, column }: TileId): Blocks {
  for (let shift = 0; block << shift < pattern.block; shift++) {
    const id = { block: block << shift, row: row >> shift, column: column >> shift };
    const tile = source.tile(id);
    if (!tile) continue;
    const { codes, width } = tile;
    const first = id.row * TILE;
    const start = (at: number) => (at - first) * width - id.column * TILE;
    return { codes, table: source.table(tile), shift, start };
  }
  const blocks = blocksOf(pattern);
  const shift = Math.log2(pattern.block / block);
  const start = (at: number) => rowStart(blocks, at);
  return { codes: blocks.codes, table: source.table(pattern), shift, start };
}
