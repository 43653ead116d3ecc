// Results of a freeze panel as Python sent them -> the same with typed arrays; null while they are not known.
import type {
  Attribution,
  Effects,
  NextTokens,
  SourceTerms,
  Unknown,
  WireAttribution,
  WireFloats,
} from "./traits.ts";

type Wire<T> = T | Unknown | null | undefined;

/** Copied: the bytes may start anywhere in a larger buffer. */
function floatsOf(what: string, { data, shape }: WireFloats): Float32Array {
  const expected = shape.reduce((product, n) => product * n, 4);
  if (data.byteLength !== expected) {
    throw new Error(
      `${what} has ${data.byteLength} bytes; expected ${expected} for [${shape.join(", ")}]`,
    );
  }
  const from = ArrayBuffer.isView(data) ? data.byteOffset : 0;
  const buffer = ArrayBuffer.isView(data) ? data.buffer : data;
  return new Float32Array(buffer.slice(from, from + expected));
}

function known<T extends object>(wire: Wire<T>, mark: keyof T): T | null {
  return wire && mark in wire ? (wire as T) : null;
}

export function decodeNextTokens(wire: Wire<NextTokens>): NextTokens | null {
  return known(wire, "rows");
}

export function decodeEffects(wire: Wire<Effects>): Effects | null {
  return known(wire, "measures");
}

function termsOf({ heads, head_source, ...rest }: WireAttribution): SourceTerms | null {
  if (rest.refused !== "" || !heads || !head_source) return null;
  const [nLayers, nHeads] = heads.shape;
  const [sourceLayers, sourceHeads, nKeys] = head_source.shape;
  if (sourceLayers !== nLayers || sourceHeads !== nHeads) {
    throw new Error(
      `head_source is of ${sourceLayers} by ${sourceHeads} heads; expected ${nLayers} by ${nHeads}`,
    );
  }
  return {
    nLayers,
    nHeads,
    nKeys,
    heads: floatsOf("the heads' contributions", heads),
    head_source: floatsOf("head_source", head_source),
    embedding: rest.embedding ?? 0,
    position_embedding: rest.position_embedding ?? 0,
    mlps: rest.mlps ?? [],
    attention_biases: rest.attention_biases ?? 0,
    biases: rest.biases ?? 0,
  };
}

export function decodeAttribution(wire: Wire<WireAttribution>): Attribution | null {
  const raw = known(wire, "refused");
  if (!raw) return null;
  const { of, position, target, versus, logit, residual, refused } = raw;
  return { of, position, target, versus, logit, residual, refused, terms: termsOf(raw) };
}
