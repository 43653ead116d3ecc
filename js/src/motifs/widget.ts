// What widgets that show motifs have in common.
import type { Open } from "../host/frame.ts";
import type { Motifs } from "./motifs.ts";
import type { MotifTraits } from "./traits.ts";
import { decodeMotifs } from "./wire.ts";

/** A scale that leaves out the first token goes with the scores of patterns without it. */
export function motifsOf<T extends MotifTraits>(at: Open<T>): () => Motifs | null {
  return at.read("motifs", ["motifs", "scale"], (wire, scale) =>
    decodeMotifs(wire, scale === "exclude_first"),
  );
}
