// Arrays of a head scatter as Python sent them -> typed arrays with their meaning.
import { arrayOf, expectShape, type WireArray } from "../host/arrays.ts";
import type { Unknown } from "../pattern/traits.ts";
import { decodeThumbs, type WirePictures } from "../pattern/wire.ts";
import {
  type Categories,
  type Column,
  type HeadMap,
  headMap,
  type MapInfo,
  type Neighbours,
  type Numbers,
} from "./head_map.ts";
import type { Pictures } from "./pictures.ts";

/** Codes are uint16, numbers float32. */
export type WireColumn =
  | (Omit<Categories, "codes" | "others"> & { codes: WireArray; others?: WireArray })
  | (Omit<Numbers, "numbers" | "spread"> & { data: WireArray; spread?: WireArray });

export interface WireMap {
  map_info: MapInfo;
  /** float32 [point, component], each axis within [-1, 1] */
  points: WireArray;
  /** One a head, layer by layer, model after model: "L5H1", or "gpt2:L5H1" where several models meet. */
  names: string[];
  columns: WireColumn[];
  /** uint32 [head, neighbour], the nearest first */
  neighbours: WireArray;
  /** float32 [head, neighbour] */
  neighbour_distances: WireArray;
}

export function decodeColumn(wire: WireColumn, n: number): Column {
  const what = `the column ${wire.name}`;
  if (wire.type === "number") {
    const { data, spread, ...rest } = wire;
    expectShape(what, data.shape, [n]);
    const column = { ...rest, numbers: arrayOf(what, data, "float32") };
    if (!spread) return column;
    expectShape(`the spread of ${what}`, spread.shape, [n]);
    return { ...column, spread: arrayOf(what, spread, "float32") };
  }
  const { codes, values, colors, others, ...rest } = wire;
  expectShape(what, codes.shape, [n]);
  if (colors && colors.length !== values.length) {
    throw new Error(`${what} has ${colors.length} colours for ${values.length} values`);
  }
  return {
    ...rest,
    values,
    colors,
    codes: arrayOf(what, codes, "uint16"),
    ...(others && { others: pairs(arrayOf(what, others, "uint32")) }),
  };
}

function pairs(flat: Uint32Array): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

export function decodeMap(wire: WireMap): HeadMap {
  const { map_info: info, points, names } = wire;
  const dimensions = points.shape[1];
  expectShape("points", points.shape, [info.n, dimensions === 3 ? 3 : 2]);
  const flat = arrayOf("points", points, "float32");
  const axes = Array.from({ length: dimensions }, (_, axis) =>
    Float32Array.from({ length: info.n }, (_, i) => flat[i * dimensions + axis]),
  );
  const columns = wire.columns.map((column) => decodeColumn(column, info.n));
  return headMap(info, names, axes, columns, decodeNeighbours(wire));
}

function decodeNeighbours({
  names,
  neighbours,
  neighbour_distances: distances,
}: WireMap): Neighbours | null {
  const [heads, k] = neighbours.shape;
  if (!heads || !k) return null;
  expectShape("neighbours", neighbours.shape, [names.length, k]);
  expectShape("the neighbours' distances", distances.shape, [names.length, k]);
  return {
    k,
    heads: arrayOf("neighbours", neighbours, "uint32"),
    distances: arrayOf("the neighbours' distances", distances, "float32"),
  };
}

type Sent<T> = T | Unknown | null | undefined;

export function decodeHeads(sent: Sent<{ data: WirePictures }>): Pictures["heads"] {
  return sent?.data ? decodeThumbs("thumbs", sent.data) : null;
}

export function decodeAsked(sent: Sent<{ index: number; thumb: WirePictures }>): Pictures["asked"] {
  return sent?.thumb ? { index: sent.index, thumbs: decodeThumbs("thumb", sent.thumb) } : null;
}

export function decodeGallery(
  sent: Sent<{ names: string[]; thumbs: WirePictures }>,
): Pictures["gallery"] {
  return sent?.thumbs ? { names: sent.names, thumbs: decodeThumbs("gallery", sent.thumbs) } : null;
}
