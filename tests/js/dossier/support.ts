// A made-up atlas: two models of two layers and two heads, and a page of one of them.
import type { HeadDossierTraits } from "../../../js/src/dossier/traits.ts";
import type { WirePage, WireRows, WireTable } from "../../../js/src/dossier/wire.ts";
import type { Dtype, WireArray } from "../../../js/src/host/arrays.ts";

const KINDS = {
  float32: Float32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
};

export function wire(dtype: Dtype, values: number[], shape = [values.length]): WireArray {
  const array = KINDS[dtype].from(values);
  return { data: new DataView(array.buffer), dtype, shape };
}

export const NAMES = ["a", "b"].flatMap((model) =>
  ["L0H0", "L0H1", "L1H0", "L1H1"].map((head) => `${model}:${head}`),
);

export const wireTable = (): WireTable => ({
  names: NAMES,
  models: ["a", "b"],
  model: wire("uint16", [0, 0, 0, 0, 1, 1, 1, 1]),
  layer: wire("uint16", [0, 0, 1, 1, 0, 0, 1, 1]),
  head: wire("uint16", [0, 1, 0, 1, 0, 1, 0, 1]),
  columns: [
    {
      name: "depth",
      label: "relative depth",
      about: "",
      color: "",
      of: null,
      values: wire("float32", [0, 0, 1, 1, 0, 0, 1, 1]),
    },
    {
      name: "motif",
      label: "motif",
      about: "",
      color: "",
      of: null,
      texts: ["none", "induction"],
      codes: wire("uint16", [0, 0, 1, 1, 0, 0, 0, 1]),
    },
    {
      name: "induction",
      label: "induction",
      about: "After earlier copies.",
      color: "#d101b2",
      of: null,
      values: wire("float32", [0.1, 0.3, 0.9, 0.3, 0.2, Number.NaN, 0.4, 0.5]),
    },
    {
      name: "induction_std",
      label: "induction, deviation",
      about: "",
      color: "",
      of: "induction",
      values: wire("float32", [0, 0, 0, 0, 0, 0, 0, 0]),
    },
    {
      name: "entropy",
      label: "entropy, bits",
      about: "",
      color: "",
      of: null,
      values: wire("float32", [4, 3, 2, 1, 4, 3, 2, 1]),
    },
  ],
});

const example = (passage: string, query: number, key: number, weight: number, decile: number) => ({
  passage,
  kind: "prose",
  query,
  key,
  weight,
  decile,
  n_tokens: 40,
  parts: [
    { start: 1, tokens: [" the", " cat", "\n"] },
    { start: 20, tokens: [" the", "<b>cat</b>", " sat"] },
  ],
});

export const EXAMPLES = [example("p", 21, 2, 0.75, 10), example("q", 22, 1, 0.25, 9)];

export function wirePage(name = "a:L1H0", changes: Partial<WirePage> = {}): WirePage {
  const [, model, layer, head] = /^(.*):L(\d)H(\d)$/.exec(name)!;
  return {
    name,
    model,
    layer: Number(layer),
    head: Number(head),
    n_layers: 2,
    n_heads: 2,
    n_passages: 5,
    depth: Number(layer),
    motif: {
      label: "induction",
      color: "#d101b2",
      about: "After.",
      rule: "By rule.",
      score: 0.9,
      std: 0.05,
      lift: 9,
      bits: 3,
    },
    classes: [
      {
        name: "<i>induction</i>",
        papers: [
          { title: "Olsson", url: "https://arxiv.org/abs/2209.11895", note: "seen" },
          { title: "own", url: "javascript:alert(1)", note: "" },
        ],
      },
    ],
    examples: { decile: EXAMPLES, top: [EXAMPLES[0]], random: [] },
    scores: {
      names: ["induction", "entropy"],
      labels: ["induction", "entropy, bits"],
      std: wire("float32", [0.05, Number.NaN]),
      kinds: ["prose", "</script>"],
      n_passages: [3, 2],
      by_kind: wire("float32", [0.9, 2, Number.NaN, 1.5], [2, 2]),
    },
    strengths: wire("uint32", [0, 0, 3, 1]),
    nearest: [
      { name: "a:L1H1", distance: 0.5, here: true },
      { name: "b:L1H1", distance: 0.75, here: false },
    ],
    nearest_missing: "",
    n_words: 2,
    pictures: {
      ...(wire(
        "uint8",
        [255, 0, 51, 204, 1, 2, 3, 4, 5, 6, 7, 8],
        [3, 2, 2],
      ) as WireArray<"uint8">),
      cells: [2, 2, 0],
      peaks: [0.5, 1, 1],
    },
    ...changes,
  };
}

export const wireRows = (head = "a:L1H0"): WireRows => ({
  head,
  examples: [{ ...EXAMPLES[0], size: 22 }],
  values: wire(
    "float32",
    Array.from({ length: 22 }, (_, i) => (i === 2 ? 0.75 : i === 1 ? 0.125 : 0)),
  ),
});

export const dossierTraits = (changes: Partial<HeadDossierTraits> = {}): HeadDossierTraits => ({
  layer: 1,
  head: 0,
  model_name: "a",
  current: "a:L1H0",
  heads: [],
  by: "decile",
  table: wireTable(),
  page: wirePage(),
  rows: {},
  opened: {},
  opening: {},
  palette: "blues",
  busy: false,
  progress: 0,
  error: "",
  editable: true,
  links: [],
  ...changes,
});
