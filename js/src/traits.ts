// The state that Python and the browser share, by trait name.

export type Kind = "pattern" | "score" | "value_weighted";
export type Scale = "linear" | "log" | "row_max" | "no_first";
export type Palette = "blues" | "viridis" | "cividis" | "magma" | "greys";
export type StripMode = "attends_to" | "attended_by";
export type Bytes = ArrayBuffer | ArrayBufferView;

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

export interface WirePattern {
  trace_id: string;
  kind: Kind;
  layer: number;
  head: number;
  data: Bytes;
  dtype: "uint16";
  shape: [number, number];
  layout: "causal" | "full";
  offset: number;
  scale: number;
  masked: boolean;
}

export interface WireAtlas {
  trace_id: string;
  scale: Scale;
  data: Bytes;
  dtype: "uint8";
  shape: [number, number, number, number];
  factor: number;
  causal: boolean;
}

/** Traits of both widgets. A locked query or key of `null` means none; 0 is a token like any other. */
export interface SharedTraits {
  layer: number;
  head: number;
  query: number | null;
  key: number | null;
  trace_info: TraceInfo;
  busy: boolean;
  progress: number;
  error: string;
  editable: boolean;
  prompt: string;
  scale: Scale;
  palette: Palette;
}

export interface HeatmapTraits extends SharedTraits {
  kind: Kind;
  strip: StripMode;
  pattern: WirePattern | null;
  shown: string;
  archive: WirePattern[] | null;
}

export interface HeadGridTraits extends SharedTraits {
  cell_size: number;
  atlas: WireAtlas | null;
  scales: Scale[] | null;
}
