// The state of a head scatter that Python and the browser share, by trait name.
import type { Unknown } from "../freeze/traits.ts";
import type { Bytes, Palette } from "../pattern/traits.ts";

/** An array as Python sends it, little-endian. */
export interface WireArray {
  data: Bytes;
  dtype: "float32" | "uint32" | "uint16" | "uint8";
  shape: number[];
}

export interface MapInfo {
  id: string;
  models: string[];
  /** One point a head, or one a head and prompt. */
  unit: "head" | "pattern";
  /** How many points there are. */
  n: number;
  kind: string;
  method: string;
  /** Their short texts. */
  prompts: string[];
  /** One number a model. */
  n_layers: number[];
  n_heads: number[];
}

export interface WireCategories {
  name: string;
  label: string;
  type: "category";
  /** uint16 [point], indices into `values`; 65535: none */
  codes: WireArray;
  values: string[];
  /** One a value; null leaves the choice to the browser. */
  colors: string[] | null;
}

export interface WireNumbers {
  name: string;
  label: string;
  type: "number";
  /** float32 [point]; NaN: none */
  data: WireArray;
}

export type WireColumn = WireCategories | WireNumbers;

export interface HeadScatterTraits {
  map_info: MapInfo;
  /** float32 [point, component], each axis within [-1, 1] */
  points: WireArray;
  /** One a head, layer by layer, model after model: "L5H1", or "gpt2:L5H1" where several models meet. */
  names: string[];
  columns: WireColumn[];
  /** uint32 [head, neighbour], the nearest first */
  neighbours: WireArray;
  /** float32 [head, neighbour] */
  neighbour_distances: WireArray;
  /** uint8 [head, query, key], each head on the first prompt; value = code / 255 */
  thumbs: { data: WireArray; of: "head" } | Unknown;
  /** The first heads of the selection, larger. */
  gallery: { names: string[]; thumbs: WireArray; total: number } | Unknown;
  /** What `asked` asked for. */
  thumb: { index: number; thumb: WireArray } | Unknown;
  /** The browser asks for the thumbnail of this point. */
  asked: { index: number } | Unknown;
  busy: boolean;
  progress: number;
  error: string;
  /** false on a page without a kernel */
  editable: boolean;
  /** Names of heads. */
  selection: string[];
  hovered: string | null;
  /** The current head, and its model. */
  layer: number;
  head: number;
  model_name: string;
  color_by: string;
  /** A column's name; "": all of one size. */
  size_by: string;
  /** Which components are shown, across and up. */
  components: [number, number];
  /** All three components at once. */
  view3d: boolean;
  /** Values of the colours' column that are switched off; "" stands for "none". */
  hidden: string[];
  /** How many lines go from the current head to those most like it. */
  show_neighbours: number;
  palette: Palette;
}
