// The state of widgets that show motifs of a trace.
import type { TraceTraits, Unknown } from "../pattern/traits.ts";
import type { WireMotifs } from "./wire.ts";

export interface MotifTraits extends TraceTraits {
  /** Absent or empty: nothing of motifs is shown. */
  motifs?: WireMotifs | Unknown | null;
}
