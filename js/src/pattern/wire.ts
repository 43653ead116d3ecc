// Patterns and thumbnails as Python sent them -> typed arrays with their meaning.
import { arrayOf, type Bytes, expectShape, type WireArray } from "../host/arrays.ts";
import type { Kind, Scale } from "../kit/names.ts";
import type { Atlas } from "./atlas.ts";
import type { Axis, Line } from "./line.ts";
import type { Pattern, Run, ShownAs } from "./pattern.ts";
import type { Thumbs } from "./thumbs.ts";
import type { Tile } from "./tiles.ts";

export interface WirePattern extends WireArray<"uint16"> {
  trace_id: string;
  kind: Kind;
  layer: number;
  head: number;
  /** [query, key]; where the layout is causal, `data` holds only keys up to the query. */
  shape: [number, number];
  layout: "causal" | "full";
  offset: number;
  scale: number;
  masked: boolean;
  /** Cells a side that one code is the largest of; left out: 1. */
  block?: number;
  /** [query, key] in tokens or words; left out: `shape`. */
  cells?: [number, number];
  shown_as?: ShownAs;
  /** Rows without a shown value, which are no zeros. */
  undefined?: Run[];
}

export interface WireAtlas extends WireArray<"uint8"> {
  trace_id: string;
  scale: Scale;
  /** [layer, head, query, key]; where the layout is causal, `data` holds only keys up to the query. */
  shape: [number, number, number, number];
  layout: "causal" | "full";
  factor: number;
  /** [layer, head]: 1 where the picture is made; left out: all are. */
  done?: WireArray<"uint8">;
}

/** `shownAs` names one of the pictures of a pooled pattern. */
export function keyOf(
  traceId: string,
  kind: string,
  layer: number,
  head: number,
  shownAs: ShownAs = "linear",
): string {
  const key = `${traceId}/${kind}/${layer}/${head}`;
  return shownAs === "linear" ? key : `${key}/${shownAs}`;
}

export function keyOfWire(wire: WirePattern): string {
  return keyOf(wire.trace_id, wire.kind, wire.layer, wire.head, wire.shown_as);
}

export function decodePattern(wire: WirePattern): Pattern {
  const { kind, layer, head, offset, masked, block = 1, shown_as: shownAs = "linear" } = wire;
  const [rows, columns] = wire.shape;
  const [nQuery, nKey] = wire.cells ?? wire.shape;
  const causal = wire.layout === "causal";
  const what = `the ${kind} of L${layer}H${head}`;
  if (causal && nQuery !== nKey) {
    throw new Error(`${what} is causal but not square: ${nQuery} by ${nKey}`);
  }
  expectShape(what, wire.shape, [Math.ceil(nQuery / block), Math.ceil(nKey / block)]);
  const shape = causal ? [(rows * (rows + 1)) / 2] : [rows, columns];
  return {
    id: keyOfWire(wire),
    kind,
    layer,
    head,
    codes: arrayOf(what, { ...wire, shape }, "uint16"),
    block,
    shownAs,
    undefinedRows: wire.undefined ?? [],
    nQuery,
    nKey,
    causal,
    offset,
    step: wire.scale,
    masked,
  };
}

/** What a part of a long pattern is a part of. */
interface WirePart extends Omit<WireArray<"uint16">, "shape"> {
  of: { trace_id: string; kind: Kind; layer: number; head: number; shown_as: ShownAs };
  offset: number;
  scale: number;
  masked: boolean;
}

export interface WireTile extends WirePart {
  /** block, row, column */
  tile: [number, number, number];
  shape: [number, number];
}

export interface WireLine extends WirePart {
  axis: Axis;
  index: number;
  /** float32: see `Line` */
  factors?: Bytes | null;
}

export function keyOfPart({ of }: Pick<WirePart, "of">): string {
  return keyOf(of.trace_id, of.kind, of.layer, of.head, of.shown_as);
}

export function decodeTile(wire: WireTile): Tile {
  const { offset, scale: step, masked, shape } = wire;
  const [block, row, column] = wire.tile;
  const [height, width] = shape;
  const codes = arrayOf(`tile ${wire.tile.join("/")}`, wire, "uint16");
  return { block, row, column, height, width, codes, offset, step, masked };
}

const entries = (data: Bytes | null | undefined, bytes: number) => [
  (data?.byteLength ?? 0) / bytes,
];

export function decodeLine(wire: WireLine): Line {
  const { axis, index, offset, scale: step, masked, data, factors = null } = wire;
  const what = `the ${axis === "query" ? "row" : "column"} ${index}`;
  const codes = arrayOf(what, { ...wire, shape: entries(data, 2) }, "uint16");
  const shape = entries(factors, 4);
  const scaled = factors && arrayOf(what, { data: factors, dtype: "float32", shape }, "float32");
  return { axis, index, codes, offset, step, masked, factors: scaled };
}

/** `nKeyTokens`: how many keys the patterns have that the thumbnails were made of. */
export function decodeAtlas(wire: WireAtlas, nKeyTokens = Number.POSITIVE_INFINITY): Atlas {
  const [nLayers, nHeads, nQuery, nKey] = wire.shape;
  const renormalised = wire.scale === "exclude_first";
  const causal = wire.layout === "causal";
  return {
    id: `${wire.trace_id}/${wire.scale}`,
    codes: causal ? squares(wire) : arrayOf("the atlas", wire, "uint8"),
    nLayers,
    nHeads,
    nQuery,
    nKey,
    step: wire.factor,
    cells: new Uint8Array(nLayers * nHeads).fill(causal ? nKey : 0),
    renormalised,
    firstExcluded: renormalised && nKey === nKeyTokens,
    done: wire.done ? madeHeads(wire.done, nLayers, nHeads) : null,
  };
}

function madeHeads(wire: WireArray<"uint8">, nLayers: number, nHeads: number): Uint8Array {
  const [layers, heads] = wire.shape;
  if (layers !== nLayers || heads !== nHeads) {
    throw new Error(
      `the atlas says what is made of ${layers} by ${heads} heads; expected ${nLayers} by ${nHeads}`,
    );
  }
  return arrayOf("what is made of the atlas", wire, "uint8");
}

/** Lower triangles -> squares, which are painted. */
function squares(wire: WireAtlas): Uint8Array {
  const [nLayers, nHeads, n] = wire.shape;
  const shape = [nLayers, nHeads, (n * (n + 1)) / 2];
  const cells = arrayOf("the atlas", { ...wire, shape }, "uint8");
  const codes = new Uint8Array(nLayers * nHeads * n * n);
  let from = 0;
  for (let row = 0; row < nLayers * nHeads * n; row++) {
    const end = from + (row % n) + 1;
    codes.set(cells.subarray(from, end), row * n);
    from = end;
  }
  return codes;
}

/** uint8 [picture, query, key], value = code / 255; `cells`: see `Thumbs`, one a picture. */
export interface WirePictures extends WireArray<"uint8"> {
  cells: number[];
}

export function decodeThumbs(what: string, wire: WirePictures): Thumbs {
  const [count, nQuery, nKey] = wire.shape;
  const { cells } = wire;
  if (cells?.length !== count) {
    throw new Error(`${what} has cells of ${cells?.length ?? 0} pictures; expected ${count}`);
  }
  return { codes: arrayOf(what, wire, "uint8"), nQuery, nKey, cells };
}
