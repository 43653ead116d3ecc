// Bytes as Python sent them -> typed arrays with their meaning; the mirror of widgets/wire.py.

import type { Motif, Motifs } from "../motifs/motifs.ts";
import type { Atlas } from "./atlas.ts";
import type { Pattern } from "./pattern.ts";
import type { Bytes, WireAtlas, WireMotifs, WirePattern } from "./traits.ts";

/** A view may sit anywhere inside a larger buffer: keep its offset and length. */
export function bytesOf(data: Bytes): Uint8Array<ArrayBuffer> {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  }
  throw new Error(`expected bytes, got ${data === null ? "null" : typeof data}`);
}

/** Little-endian uint16. Copies only where the bytes do not start on an even address. */
function uint16Of(data: Bytes): Uint16Array<ArrayBuffer> {
  const bytes = bytesOf(data);
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

/** Little-endian float32; copied for the same reason. */
function float32Of(data: Bytes): Float32Array<ArrayBuffer> {
  const bytes = bytesOf(data);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
}

export function expectLength(what: string, got: number, expected: number): void {
  if (got !== expected) throw new Error(`${what} has ${got} bytes; expected ${expected}`);
}

export function keyOf(traceId: string, kind: string, layer: number, head: number): string {
  return `${traceId}/${kind}/${layer}/${head}`;
}

export function keyOfWire(wire: WirePattern): string {
  return keyOf(wire.trace_id, wire.kind, wire.layer, wire.head);
}

export function decodePattern(wire: WirePattern): Pattern {
  const [nQuery, nKey] = wire.shape;
  const causal = wire.layout === "causal";
  const what = `the ${wire.kind} of L${wire.layer}H${wire.head}`;
  if (wire.dtype !== "uint16") throw new Error(`${what} is ${wire.dtype}; expected uint16`);
  if (causal && nQuery !== nKey) {
    throw new Error(`${what} is causal but not square: ${nQuery} by ${nKey}`);
  }
  const cells = causal ? (nQuery * (nQuery + 1)) / 2 : nQuery * nKey;
  expectLength(what, wire.data.byteLength, cells * 2);
  return {
    id: keyOfWire(wire),
    kind: wire.kind,
    layer: wire.layer,
    head: wire.head,
    codes: uint16Of(wire.data),
    nQuery,
    nKey,
    causal,
    offset: wire.offset,
    step: wire.scale,
    masked: wire.masked,
  };
}

/** `nKeyTokens`: how many keys the patterns have that the thumbnails were made of. */
export function decodeAtlas(wire: WireAtlas, nKeyTokens = Number.POSITIVE_INFINITY): Atlas {
  const [nLayers, nHeads, nQuery, nKey] = wire.shape;
  if (wire.dtype !== "uint8") throw new Error(`the atlas is ${wire.dtype}; expected uint8`);
  expectLength("the atlas", wire.data.byteLength, nLayers * nHeads * nQuery * nKey);
  return {
    id: `${wire.trace_id}/${wire.scale}`,
    codes: bytesOf(wire.data),
    nLayers,
    nHeads,
    nQuery,
    nKey,
    step: wire.factor,
    causal: wire.causal,
    renormalised: wire.scale === "exclude_first",
    firstExcluded: wire.scale === "exclude_first" && nKey === nKeyTokens,
  };
}

/** null where Python sends no motifs. */
export function decodeMotifs(
  wire: WireMotifs | Record<string, never> | null | undefined,
): Motifs | null {
  if (!wire?.names?.length) return null;
  const { names, labels, colors, descriptions, sources, shapes, found } = wire as WireMotifs;
  const [nMotifs, nLayers, nHeads] = wire.shape;
  if (names.length !== nMotifs) {
    throw new Error(`motifs has ${names.length} names; its shape says ${nMotifs}`);
  }
  const heads = nLayers * nHeads;
  expectLength("the motifs' scores", wire.data.byteLength, 2 * nMotifs * heads * 4);
  expectLength("the motifs' presence", wire.present.byteLength, nMotifs * heads);
  const values = float32Of(wire.data);
  const present = bytesOf(wire.present);
  const all = names.map((name, i): Motif => {
    const of = (what: number) => (what * nMotifs + i) * heads;
    return {
      name,
      label: labels[i] ?? name,
      color: colors[i] ?? "#888888",
      description: descriptions[i] ?? "",
      source: sources[i] ?? "",
      scores: values.subarray(of(0), of(0) + heads),
      lifts: values.subarray(of(1), of(1) + heads),
      present: present.subarray(of(0), of(0) + heads),
      shape: shapes[name] ?? null,
      found: found[name] ?? null,
    };
  });
  return { traceId: wire.trace_id, nLayers, nHeads, all, dominant: wire.dominant };
}
