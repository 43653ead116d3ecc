// {data, dtype, shape} as Python sent it -> a typed array; the mirror of widgets/wire/arrays.py.

export type Bytes = ArrayBuffer | ArrayBufferView;

const KINDS = {
  float32: Float32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;

export type Dtype = keyof typeof KINDS;
type Typed<D extends Dtype> = InstanceType<(typeof KINDS)[D]>;

/** An array as Python sends it, little-endian. */
export interface WireArray<D extends Dtype = Dtype> {
  data: Bytes;
  dtype: D;
  shape: number[];
}

/** A view may sit anywhere inside a larger buffer: it is copied only where it starts on no element's address. */
export function arrayOf<D extends Dtype>(what: string, wire: WireArray, dtype: D): Typed<D> {
  const { data, shape } = wire;
  if (wire.dtype !== dtype) throw new Error(`${what} is ${wire.dtype}; expected ${dtype}`);
  const Kind = KINDS[dtype];
  const count = shape.reduce((product, n) => product * n, 1);
  const expected = count * Kind.BYTES_PER_ELEMENT;
  if (data?.byteLength !== expected) {
    throw new Error(
      `${what} has ${data?.byteLength ?? 0} bytes; expected ${expected} for [${shape.join(", ")}]`,
    );
  }
  const from = ArrayBuffer.isView(data) ? data.byteOffset : 0;
  const buffer = (ArrayBuffer.isView(data) ? data.buffer : data) as ArrayBuffer;
  const aligned = from % Kind.BYTES_PER_ELEMENT === 0;
  return (
    aligned ? new Kind(buffer, from, count) : new Kind(buffer.slice(from, from + expected))
  ) as Typed<D>;
}

export function expectShape(
  what: string,
  shape: readonly number[],
  expected: readonly number[],
): void {
  if (shape.length === expected.length && shape.every((n, i) => n === expected[i])) return;
  throw new Error(`${what} has shape [${shape.join(", ")}]; expected [${expected.join(", ")}]`);
}
