// The state that Python and the browser share, by trait name.
import type { Effects, NextTokens, Unknown, WireAttribution } from "../freeze/traits.ts";

/** "live", "frozen" and their difference (live - frozen) are those of a freeze panel. */
export type Kind = "pattern" | "score" | "value_weighted" | "live" | "frozen" | "difference";
export type Scale = "linear" | "log" | "row_max" | "exclude_first";
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

/** Cells (query, key) that a motif covers, as compact as they can be said. */
export type Shape =
  | { type: "diagonal"; offset: number }
  | { type: "band"; from: number; to: number }
  | { type: "columns"; keys: number[] }
  /** Equal groups: shift 0 pairs a query with an earlier key, shift 1 with the key after that. -1 never pairs. */
  | { type: "match"; groups: number[]; shift: 0 | 1 }
  | { type: "cells"; queries: number[]; keys: number[] };

export interface WireMotifs {
  trace_id: string;
  names: string[];
  labels: string[];
  colors: string[];
  descriptions: string[];
  sources: string[];
  /** float32 [score or lift, motif, layer, head]; NaN: not measurable */
  data: Bytes;
  /** uint8 [motif, layer, head] */
  present: Bytes;
  shape: [number, number, number];
  /** [layer][head], "none" where no motif dominates */
  dominant: string[][];
  /** The same for all heads; null: no geometry */
  shapes: Record<string, Shape | null>;
  /** name -> [layer][head] */
  found: Record<string, (Shape | null)[][]>;
  /** The same of patterns without their first token, for the scale that leaves it out. */
  exclude_first?: Pick<WireMotifs, "data" | "present" | "dominant" | "found">;
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
  /** Absent or empty: nothing of motifs is shown. */
  motifs?: WireMotifs | Record<string, never> | null;
  /** The groups that it is tied in, on the bus. */
  links?: string[];
}

export interface HeatmapTraits extends SharedTraits {
  kind: Kind;
  strip: StripMode;
  pattern: WirePattern | null;
  shown: string;
  archive: WirePattern[] | null;
  /** Names of motifs, and "auto" for those that the head really has. */
  overlays?: string[];
}

export interface HeadGridTraits extends SharedTraits {
  cell_size: number;
  atlas: WireAtlas | null;
  scales: Scale[] | null;
  /** "", "dominant" or a motif's name */
  motif?: string;
  /** "" or a motif's name */
  sort_by?: string;
  min_score?: number;
}

export type Align = "" | "left" | "right";

/** The trace is that of the edited prompt. A held pattern is that of the baseline. */
export interface FreezePanelTraits extends HeatmapTraits {
  /** The switch: patterns are held. */
  frozen: boolean;
  /** Token ids of the edited prompt. */
  ids: number[];
  /** The heads whose patterns are held, as "L0H3"; null: all of them. */
  heads: string[] | null;
  /** Norm scales and MLP outputs held too. */
  norms: boolean;
  mlps: boolean;
  /** Heads whose output is set to zero, as "L0H3". */
  knocked_out: string[];
  /** The output token that effects and attribution speak about; "": the baseline's top token. */
  target: string;
  /** Its rival for a logit difference; "": none. */
  versus: string;
  /** The query after which the next token is looked at; -1: the last. */
  position: number;
  /** Tokens to be among the bars, as typed. */
  watched: string[];
  /** How patterns are held between prompts of different lengths; "": not at all. */
  align: Align;
  /** The browser asks for single tokens that start with `text`. */
  asked: { position: number; text: string } | Unknown;
  suggestions: { position: number; text: string; tokens: { id: number; text: string }[] } | Unknown;
  baseline: { id: string; text: string; tokens: string[]; ids: number[] };
  next_tokens: NextTokens | Unknown;
  effects: Effects | Unknown;
  attribution: WireAttribution | Unknown;
}
