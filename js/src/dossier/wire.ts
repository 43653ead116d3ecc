// Heads, and a page of one, as Python sent them -> typed arrays with their meaning; the mirror of atlas/head_page.py.
import { arrayOf, expectShape, type WireArray } from "../host/arrays.ts";
import { decodeThumbs, type WirePictures } from "../pattern/wire.ts";
import type {
  By,
  Column,
  Example,
  HeadPage,
  HeadTable,
  Motif,
  Near,
  Paper,
  Part,
} from "./props.ts";

interface WireColumn {
  name: string;
  label: string;
  about: string;
  color: string;
  of: string | null;
  values?: WireArray;
  texts?: string[];
  codes?: WireArray;
}

export interface WireTable {
  names: string[];
  models: string[];
  model: WireArray;
  layer: WireArray;
  head: WireArray;
  columns: WireColumn[];
}

interface WireExample {
  passage: string;
  kind: string;
  query: number;
  key: number;
  weight: number;
  decile: number;
  n_tokens: number;
  parts: Part[];
}

export interface WirePage {
  name: string;
  model: string;
  layer: number;
  head: number;
  n_layers: number;
  n_heads: number;
  n_passages: number;
  depth: number;
  motif: Motif | null;
  classes: { name: string; papers: Paper[] }[];
  examples: Record<By, WireExample[]>;
  scores: {
    names: string[];
    labels: string[];
    std: WireArray;
    kinds: string[];
    n_passages: number[];
    by_kind: WireArray;
  };
  strengths: WireArray;
  nearest: Near[];
  nearest_missing: string;
  n_words: number;
  /** value = code / 255 * peak; the first key may be larger, and is not shown. */
  pictures: WirePictures & { peaks: number[] };
}

/** What is known of the examples of a head when its passages were read again. */
export interface WireRows {
  head: string;
  examples: (WireExample & { size: number })[];
  values: WireArray;
}

/** undefined: nothing was sent yet. */
export function decodeTable(wire: WireTable | object | null | undefined): HeadTable | undefined {
  if (!wire || !("names" in wire)) return undefined;
  const { names, models } = wire;
  const whole = (what: string, array: WireArray) => {
    expectShape(what, array.shape, [names.length]);
    return arrayOf(what, array, "uint16");
  };
  const columns = wire.columns.map(({ values, codes, texts = [], ...told }): Column => {
    if (values) expectShape(`the column ${told.name}`, values.shape, [names.length]);
    return {
      ...told,
      texts,
      values: values ? arrayOf(`the column ${told.name}`, values, "float32") : null,
      codes: codes ? whole(`the column ${told.name}`, codes) : null,
    };
  });
  return {
    names,
    models,
    model: whole("the models of the heads", wire.model),
    layer: whole("the layers of the heads", wire.layer),
    head: whole("the numbers of the heads", wire.head),
    columns,
    indices: new Map(names.map((name, i) => [name, i])),
  };
}

const exampleOf = (
  { n_tokens: nTokens, ...rest }: WireExample,
  weights: Float32Array | null = null,
): Example => ({ ...rest, nTokens, weights });

export function decodePage(wire: WirePage | object | null | undefined): HeadPage | undefined {
  if (!wire || !("name" in wire)) return undefined;
  const { scores, examples, pictures } = wire;
  const shape = [scores.kinds.length, scores.names.length];
  expectShape("the scores by kind", scores.by_kind.shape, shape);
  const some = (by: By) => examples[by].map((one) => exampleOf(one));
  return {
    name: wire.name,
    model: wire.model,
    layer: wire.layer,
    head: wire.head,
    nLayers: wire.n_layers,
    nHeads: wire.n_heads,
    nPassages: wire.n_passages,
    depth: wire.depth,
    motif: wire.motif,
    classes: wire.classes,
    examples: { decile: some("decile"), top: some("top"), random: some("random") },
    scores: {
      names: scores.names,
      labels: scores.labels,
      kinds: scores.kinds,
      nPassages: scores.n_passages,
      std: arrayOf("the deviations", scores.std, "float32"),
      byKind: arrayOf("the scores by kind", scores.by_kind, "float32"),
    },
    strengths: arrayOf("the strengths", wire.strengths, "uint32"),
    nearest: wire.nearest,
    nearestMissing: wire.nearest_missing,
    nWords: wire.n_words,
    pictures: { ...decodeThumbs("the mean patterns", pictures), firstExcluded: true },
    peaks: pictures.peaks,
  };
}

export type Rows = ReadonlyMap<string, Example>;

const placeOf = ({ passage, query }: { passage: string; query: number }) => `${passage}/${query}`;

/** Of one head; null where nothing was read. */
export function decodeRows(
  wire: WireRows | object | null | undefined,
): { head: string; rows: Rows } | null {
  if (!wire || !("values" in wire)) return null;
  const values = arrayOf("the rows of the examples", wire.values, "float32");
  const rows = new Map<string, Example>();
  let at = 0;
  for (const { size, ...example } of wire.examples) {
    rows.set(placeOf(example), exampleOf(example, values.subarray(at, at + size)));
    at += size;
  }
  expectShape("the rows of the examples", [values.length], [at]);
  return { head: wire.head, rows };
}

/** The page with what is known of the rows of its examples. */
export function withRows(page: HeadPage, rows: Rows): HeadPage {
  const some = (by: By) => page.examples[by].map((one) => rows.get(placeOf(one)) ?? one);
  return {
    ...page,
    examples: { decile: some("decile"), top: some("top"), random: some("random") },
  };
}
