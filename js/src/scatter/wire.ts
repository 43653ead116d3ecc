// Arrays of a head scatter as Python sent them -> typed arrays with their meaning.
import { arrayOf, expectShape, type WireArray } from "../host/arrays.ts";
import type { Unknown } from "../pattern/traits.ts";
import { decodeThumbs, type WirePictures } from "../pattern/wire.ts";
import { type Column, type HeadMap, headMap, type MapInfo, type Neighbours } from "./head_map.ts";
import type { Pictures } from "./pictures.ts";

export interface WireCategories {
  name: string;
  label: string;
  type: "category";
  /** uint16 [point], indices into `values`; 65535: none */
  codes: WireArray;
  values: string[];
  /** One a value; null leaves the choice to the browser. */
  colors: string[] | null;
}

export interface WireNumbers {
  name: string;
  label: string;
  type: "number";
  /** float32 [point]; NaN: none */
  data: WireArray;
}

export type WireColumn = WireCategories | WireNumbers;

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

export interface WireThumbs {
  data: WirePictures;
  of: "head";
}

export interface WireGallery {
  names: string[];
  thumbs: WirePictures;
  total: number;
}

export interface WireAsked {
  index: number;
  thumb: WirePictures;
}

export function decodeColumn(wire: WireColumn, n: number): Column {
  const { name, label } = wire;
  const what = `the column ${name}`;
  if (wire.type === "number") {
    expectShape(what, wire.data.shape, [n]);
    return { type: "number", name, label, numbers: arrayOf(what, wire.data, "float32") };
  }
  expectShape(what, wire.codes.shape, [n]);
  const { values, colors } = wire;
  if (colors && colors.length !== values.length) {
    throw new Error(`${what} has ${colors.length} colours for ${values.length} values`);
  }
  const codes = arrayOf(what, wire.codes, "uint16");
  return { type: "category", name, label, codes, values, colors };
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

export function decodeHeads(sent: Sent<WireThumbs>): Pictures["heads"] {
  return sent?.data ? decodeThumbs("thumbs", sent.data) : null;
}

export function decodeAsked(sent: Sent<WireAsked>): Pictures["asked"] {
  if (!sent?.thumb) return null;
  return { index: sent.index, thumbs: decodeThumbs("thumb", sent.thumb) };
}

export function decodeGallery(sent: Sent<WireGallery>): Pictures["gallery"] {
  if (!sent?.thumbs) return null;
  return { names: sent.names, thumbs: decodeThumbs("gallery", sent.thumbs) };
}
