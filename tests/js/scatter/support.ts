// A made-up map of 2 x 3 heads, as Python sends it, and a scatter opened over it.

import type { WireArray } from "../../../js/src/host/arrays.ts";
import type { WirePictures } from "../../../js/src/pattern/wire.ts";
import type { HeadScatterTraits } from "../../../js/src/scatter/traits.ts";
import headScatter from "../../../js/src/scatter/widget.ts";
import type { WireColumn } from "../../../js/src/scatter/wire.ts";
import type { FakeModel } from "../support.ts";

const TYPES = {
  float32: Float32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;

export function wire<D extends WireArray["dtype"]>(
  dtype: D,
  shape: number[],
  values: readonly number[],
): WireArray<D> {
  const array = new TYPES[dtype](values);
  return { data: new DataView(array.buffer), dtype, shape };
}

/** Small causal pictures, a side of each of one cell a code. */
export const pictures = (shape: number[], values: readonly number[]): WirePictures => ({
  ...wire("uint8", shape, values),
  cells: Array(shape[0]).fill(shape[1]),
});

export const NAMES = ["L0H0", "L0H1", "L0H2", "L1H0", "L1H1", "L1H2"];
const NONE = 65535;

export const numbers = (name: string, label: string, values: number[]): WireColumn => ({
  name,
  label,
  type: "number",
  data: wire("float32", [values.length], values),
});

/** Of a motif. */
const score = (...column: Parameters<typeof numbers>): WireColumn =>
  ({ ...numbers(...column), score: true }) as WireColumn;

export const categories = (
  name: string,
  label: string,
  codes: number[],
  values: string[],
  colors: string[] | null = null,
): WireColumn => ({
  name,
  label,
  type: "category",
  codes: wire("uint16", [codes.length], codes),
  values,
  colors,
});

/** Heads on a line from left to right; the last one has no motif. */
const X = [-1, -0.6, -0.2, 0.2, 0.6, 1];

export const scatterTraits = (changes: Partial<HeadScatterTraits> = {}): HeadScatterTraits => ({
  map_info: {
    id: "m",
    models: ["toy"],
    point: "head",
    unit: "token",
    n: 6,
    kind: "pattern",
    method: "PCA",
    prompts: ["the cat"],
    n_layers: [2],
    n_heads: [3],
  },
  points: wire(
    "float32",
    [6, 2],
    X.flatMap((x) => [x, 0]),
  ),
  names: NAMES,
  columns: [
    numbers("layer", "Layer", [0, 0, 0, 1, 1, 1]),
    numbers("head", "Head", [0, 1, 2, 0, 1, 2]),
    categories("motif", "Motif", [0, 0, 1, 1, 1, NONE], ["Stripe", "Sink"], ["red", "#00f"]),
    numbers("norm", "Norm", [40, 2, 3, 1, 5, 6]),
    score("stripe", "Stripe score", [0.9, 0.8, 0.1, Number.NaN, 0, 0.3]),
    score("sink", "Sink score", [0.1, 0.2, 0.7, 0.8, 0.9, 0.4]),
  ],
  neighbours: wire("uint32", [6, 2], [1, 2, 0, 2, 1, 3, 4, 2, 3, 5, 4, 3]),
  neighbour_distances: wire("float32", [6, 2], [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]),
  thumbs: {
    data: pictures(
      [6, 2, 2],
      NAMES.flatMap((_, i) => [i, 0, 0, i]),
    ),
    of: "head",
  },
  gallery: {},
  thumb: {},
  asked: {},
  busy: false,
  progress: 0,
  error: "",
  editable: true,
  selection: [],
  hovered: null,
  hover_observed: false,
  layer: 0,
  head: 0,
  model_name: "toy",
  color_by: "motif",
  size_by: "",
  x: "",
  y: "",
  filters: {},
  checkpoint: null,
  components: [0, 1],
  view3d: false,
  hidden: [],
  show_neighbours: 2,
  palette: "blues",
  ...changes,
});

/** Each head on two prompts. */
export const patternTraits = (changes: Partial<HeadScatterTraits> = {}): HeadScatterTraits => {
  const one = scatterTraits();
  return {
    ...one,
    map_info: { ...one.map_info, point: "pattern", n: 12, prompts: ["the cat", "the dog"] },
    points: wire("float32", [12, 2], [...X.flatMap((x) => [x, 0]), ...X.flatMap((x) => [x, 0.5])]),
    columns: [numbers("layer", "Layer", [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1])],
    color_by: "layer",
    ...changes,
  };
};

export function open(model: FakeModel<HeadScatterTraits>) {
  const el = document.createElement("div");
  document.body.append(el);
  const controller = new AbortController();
  headScatter.render({ model, el, signal: controller.signal });
  return { el, close: () => controller.abort() };
}
