// The state that Python and the browser share, by trait name: that of every widget over a trace.
import type { Kind, Palette, Scale } from "../kit/names.ts";

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
  kinds: Kind[];
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

/** A locked query or key of `null` means none; 0 is a token like any other. */
export interface TraceTraits extends WidgetTraits {
  query: number | null;
  key: number | null;
  trace_info: TraceInfo;
  prompt: string;
  scale: Scale;
}
