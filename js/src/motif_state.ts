// The motifs that a model holds, decoded once for each value of the trait.
import type { State } from "./model.ts";
import type { SharedTraits } from "./traits.ts";
import type { Motifs } from "./views/motifs.ts";
import { decodeMotifs } from "./wire.ts";

export function motifsOf<T extends SharedTraits>(
  state: State<T>,
): { now(): Motifs | null; failure(): string } {
  let wire: unknown;
  let motifs: Motifs | null = null;
  let failed = "";
  return {
    now() {
      const next = state.get("motifs");
      if (next === wire) return motifs;
      wire = next;
      motifs = null;
      failed = "";
      try {
        motifs = decodeMotifs(next);
      } catch (error) {
        failed = `The motifs could not be read: ${error instanceof Error ? error.message : error}`;
      }
      return motifs;
    },
    failure: () => failed,
  };
}
