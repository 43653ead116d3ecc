// The motifs that a model holds, decoded once for each value of the traits. A scale that leaves out the first token
// goes with the scores of patterns without it.
import type { State } from "../host/model.ts";
import type { SharedTraits, WireMotifs } from "../pattern/traits.ts";
import { decodeMotifs } from "../pattern/wire.ts";
import type { Motifs } from "./motifs.ts";

export function motifsOf<T extends SharedTraits>(
  state: State<T>,
): { now(): Motifs | null; failure(): string } {
  let wire: unknown;
  let wasExcluded = false;
  let motifs: Motifs | null = null;
  let failed = "";
  return {
    now() {
      const next = state.get("motifs");
      const excludeFirst = state.get("scale") === "exclude_first";
      if (next === wire && excludeFirst === wasExcluded) return motifs;
      wire = next;
      wasExcluded = excludeFirst;
      motifs = null;
      failed = "";
      try {
        motifs = decodeMotifs(excludeFirst ? firstExcluded(next) : next);
      } catch (error) {
        failed = `The motifs could not be read: ${error instanceof Error ? error.message : error}`;
      }
      return motifs;
    },
    failure: () => failed,
  };
}

/** What does not depend on the first token stays as it is. */
function firstExcluded(wire: SharedTraits["motifs"]): SharedTraits["motifs"] {
  return wire && "names" in wire ? { ...(wire as WireMotifs), ...wire.exclude_first } : wire;
}
