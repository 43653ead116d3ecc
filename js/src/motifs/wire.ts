// Motifs as Python sent them -> scores, presence and geometry, one motif after the other.
import { arrayOf, expectShape, type WireArray } from "../host/arrays.ts";
import type { Shape } from "./geometry.ts";
import type { Motif, Motifs } from "./motifs.ts";

/** What differs between patterns with their first token and without. */
interface WireHeads {
  /** float32 [score, lift or bits, motif, layer, head]; NaN: not measurable */
  values: WireArray<"float32">;
  /** uint8 [motif, layer, head] */
  present: WireArray<"uint8">;
  /** uint8 [layer, head]: 1 where the others are known; left out: everywhere */
  scored?: WireArray<"uint8">;
  /** [layer][head], "none" where no motif dominates */
  dominant: string[][];
  /** name -> [layer][head] */
  found: Record<string, (Shape | null)[][]>;
}

export interface WireMotifs extends WireHeads {
  trace_id: string;
  /** How a head is named, in words */
  rule: string;
  names: string[];
  labels: string[];
  colors: string[];
  descriptions: string[];
  sources: string[];
  /** The same for all heads; null: no geometry */
  shapes: Record<string, Shape | null>;
  /** For the scale that leaves out the first token. */
  exclude_first?: WireHeads;
}

/** null where Python sends no motifs. */
export function decodeMotifs(
  wire: WireMotifs | Record<string, never> | null | undefined,
  excludeFirst = false,
): Motifs | null {
  if (!wire?.names?.length) return null;
  const { names, labels, colors, descriptions, sources, shapes } = wire as WireMotifs;
  const heads = ((excludeFirst && wire.exclude_first) || wire) as WireHeads;
  const [count, nLayers, nHeads] = heads.present.shape;
  expectShape("the motifs' presence", heads.present.shape, [names.length, nLayers, nHeads]);
  expectShape("the motifs' scores", heads.values.shape, [3, count, nLayers, nHeads]);
  const values = arrayOf("the motifs' scores", heads.values, "float32");
  const present = arrayOf("the motifs' presence", heads.present, "uint8");
  const size = nLayers * nHeads;
  const scored = heads.scored ? arrayOf("which heads are scored", heads.scored, "uint8") : null;
  const all = names.map(
    (name, i): Motif => ({
      name,
      label: labels[i] ?? name,
      color: colors[i] ?? "#888888",
      description: descriptions[i] ?? "",
      source: sources[i] ?? "",
      scores: values.subarray(i * size, (i + 1) * size),
      lifts: values.subarray((count + i) * size, (count + i + 1) * size),
      bits: values.subarray((2 * count + i) * size, (2 * count + i + 1) * size),
      present: present.subarray(i * size, (i + 1) * size),
      shape: shapes?.[name] ?? null,
      found: heads.found?.[name] ?? null,
    }),
  );
  const { trace_id: traceId, rule } = wire as WireMotifs;
  return { traceId, nLayers, nHeads, all, dominant: heads.dominant, rule, scored };
}
