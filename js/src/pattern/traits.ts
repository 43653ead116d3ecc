// The state that Python and the browser share, by trait name: that of every widget over a trace.
import type { Kind, Palette, Scale, Unit } from "../kit/names.ts";

import type { Starts } from "./words.ts";

/** Python says "not known yet" with an empty object. */
export type Unknown = Record<string, never>;

export interface TraceInfo {
  id: string;
  model_name: string;
  n_layers: number;
  n_heads: number;
  tokens: string[];
  query_tokens: string[] | null;
  causal: boolean;
  bos: boolean;
  /** About how much of its attention is on the first token, 0 to 1. */
  first_share?: number;
  /** The first position that the model wrote itself, in `unit`; absent or null where it wrote none. */
  generated_from?: number | null;
  /** [layer, head] of those that a page of a long prompt holds, and the scales; absent: all. */
  heads?: [number, number][];
  scales?: Scale[];
  kinds: Kind[];
  /** What a position is, and what it can be. */
  unit: Unit;
  units: Unit[];
}

/** On a page without a kernel: where the words of either axis begin, in tokens; and traits for the other unit. */
export interface OtherUnit {
  unit: Unit;
  starts: Starts;
  traits: { trace_info: TraceInfo };
}

/** What every widget has. */
export interface WidgetTraits {
  layer: number;
  head: number;
  palette: Palette;
  busy: boolean;
  progress: number;
  error: string;
  /** false on a page without a kernel */
  editable: boolean;
  /** The groups that it is tied in, on the bus. */
  links?: string[];
}

/** A locked query or key of `null` means none; 0 is a token like any other. They are counted in `trace_info.unit`. */
export interface TraceTraits extends WidgetTraits {
  query: number | null;
  key: number | null;
  trace_info: TraceInfo;
  prompt: string;
  scale: Scale;
  /** What the reader wants to see; `trace_info` follows. Absent where there is no choice. */
  unit?: Unit;
  other_unit?: OtherUnit | Unknown;
}
