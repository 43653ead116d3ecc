// Long causal patterns by a rule, as maxima of blocks: as an overview, as a tile, as Python sends them.
import type { TileId } from "../../js/src/pattern/finer.ts";
import type { Pattern } from "../../js/src/pattern/pattern.ts";
import { TILE, type Tile } from "../../js/src/pattern/tiles.ts";
import type { WirePattern } from "../../js/src/pattern/wire.ts";

/** A code, of those that a query sees. */
export type Rule = (query: number, key: number) => number;

function largest(n: number, block: number, row: number, column: number, rule: Rule): number {
  let most = 0;
  for (let q = row * block; q < Math.min(n, (row + 1) * block); q++)
    for (let k = column * block; k < Math.min(q + 1, (column + 1) * block); k++)
      most = Math.max(most, rule(q, k));
  return most;
}

export function wireLong(n: number, block: number, rule: Rule): WirePattern {
  const side = Math.ceil(n / block);
  const codes = new Uint16Array((side * (side + 1)) / 2);
  let at = 0;
  for (let row = 0; row < side; row++)
    for (let column = 0; column <= row; column++)
      codes[at++] = largest(n, block, row, column, rule);
  return {
    trace_id: "t",
    kind: "pattern",
    layer: 0,
    head: 0,
    data: new DataView(codes.buffer),
    dtype: "uint16",
    shape: [side, side],
    layout: "causal",
    offset: 0,
    scale: 1 / 65535,
    masked: false,
    block,
    cells: [n, n],
    shown_as: "linear",
  };
}

export function longPattern(n: number, block: number, rule: Rule): Pattern {
  const { data, kind, layer, head, offset, scale, masked } = wireLong(n, block, rule);
  const codes = new Uint16Array((data as DataView).buffer as ArrayBuffer);
  return {
    id: "t/pattern/0/0",
    kind,
    layer,
    head,
    codes,
    block,
    shownAs: "linear",
    undefinedRows: [],
    nQuery: n,
    nKey: n,
    causal: true,
    offset,
    step: scale,
    masked,
  };
}

export function longTile(n: number, { block, row, column }: TileId, rule: Rule): Tile {
  const side = Math.ceil(n / block);
  const height = Math.min(TILE, side - row * TILE);
  const width = Math.min(TILE, side - column * TILE);
  const codes = new Uint16Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      codes[y * width + x] = largest(n, block, row * TILE + y, column * TILE + x, rule);
  return { block, row, column, height, width, codes, offset: 0, step: 1 / 65535, masked: false };
}
