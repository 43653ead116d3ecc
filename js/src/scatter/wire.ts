// Arrays of a head scatter as Python sent them -> typed arrays with their meaning.

import type { Thumbs } from "../pattern/thumbs.ts";
import type { Column, HeadMap, Neighbours } from "./head_map.ts";
import { headMap } from "./head_map.ts";
import type { HeadScatterTraits, WireArray, WireColumn } from "./traits.ts";

const ARRAYS = {
  float32: Float32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;

type Dtype = keyof typeof ARRAYS;
type Typed<D extends Dtype> = InstanceType<(typeof ARRAYS)[D]>;

/** Copied: the bytes may start anywhere in a larger buffer. */
export function arrayOf<D extends Dtype>(what: string, wire: WireArray, dtype: D): Typed<D> {
  const { data, shape } = wire;
  if (wire.dtype !== dtype) throw new Error(`${what} is ${wire.dtype}; expected ${dtype}`);
  const Kind = ARRAYS[dtype];
  const expected = shape.reduce((product, n) => product * n, Kind.BYTES_PER_ELEMENT);
  if (data.byteLength !== expected) {
    throw new Error(
      `${what} has ${data.byteLength} bytes; expected ${expected} for [${shape.join(", ")}]`,
    );
  }
  const from = ArrayBuffer.isView(data) ? data.byteOffset : 0;
  const buffer = ArrayBuffer.isView(data) ? data.buffer : data;
  return new Kind(buffer.slice(from, from + expected) as ArrayBuffer) as Typed<D>;
}

function expectShape(what: string, shape: readonly number[], expected: readonly number[]): void {
  if (shape.length === expected.length && shape.every((n, i) => n === expected[i])) return;
  throw new Error(`${what} has shape [${shape.join(", ")}]; expected [${expected.join(", ")}]`);
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

type Wires = Pick<
  HeadScatterTraits,
  "map_info" | "points" | "names" | "columns" | "neighbours" | "neighbour_distances"
>;

export function decodeMap(wire: Wires): HeadMap {
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
}: Wires): Neighbours | null {
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

export function decodeThumbs(what: string, wire: WireArray): Thumbs {
  const [count, nQuery, nKey] = wire.shape;
  return { codes: arrayOf(what, wire, "uint8"), count, nQuery, nKey };
}
