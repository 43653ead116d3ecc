// Made-up traces, patterns and models for tests.

import type { FreezePanelTraits } from "../../js/src/freeze/traits.ts";
import type { HeadGridTraits } from "../../js/src/grid/traits.ts";
import type { HeatmapTraits } from "../../js/src/heatmap/traits.ts";
import type { Model } from "../../js/src/host/model.ts";
import type { WireMotifs } from "../../js/src/motifs/wire.ts";
import type { Pattern } from "../../js/src/pattern/pattern.ts";
import type { WirePattern } from "../../js/src/pattern/wire.ts";

/** A model like ipywidgets': set is silent for equal values; counts what is sent. */
export class FakeModel<T> implements Model<T> {
  sent: Partial<T>[] = [];
  /** What is no state. */
  said: unknown[] = [];
  #state: T;
  #dirty: Partial<T> = {};
  #listeners = new Map<string, Set<(...said: never[]) => void>>();

  constructor(state: T) {
    this.#state = { ...state };
  }
  get<K extends keyof T>(key: K): T[K] {
    return this.#state[key];
  }
  set<K extends keyof T>(key: K, value: T[K]): void {
    if (Object.is(this.#state[key], value)) return;
    this.#state[key] = value;
    this.#dirty[key] = value;
    for (const fn of [...(this.#listeners.get(`change:${String(key)}`) ?? [])])
      (fn as () => void)();
  }
  send(message: unknown): void {
    this.said.push(message);
  }
  /** As when Python sends a message. */
  hear(message: unknown, buffers: DataView[] = []): void {
    for (const fn of [...(this.#listeners.get("msg:custom") ?? [])]) {
      (fn as (message: unknown, buffers: DataView[]) => void)(message, buffers);
    }
  }
  on(event: string, fn: (...said: never[]) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(fn));
  }
  off(event: string, fn: (...said: never[]) => void): void {
    this.#listeners.get(event)?.delete(fn);
  }
  save_changes(): void {
    if (Object.keys(this.#dirty).length) this.sent.push(this.#dirty);
    this.#dirty = {};
  }
  /** As when Python sends state. */
  receive(changes: Partial<T>): void {
    for (const key of Object.keys(changes) as (keyof T)[])
      this.set(key, changes[key] as T[keyof T]);
    this.#dirty = {};
  }
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, fns) => sum + fns.size, 0);
  }
}

export const TOKENS = ["<bos>", " the", " cat", "\n"];

/** Causal, uniform over what a query sees, as Python sends it. */
export function wirePattern(layer: number, head: number, traceId = "t"): WirePattern {
  const n = TOKENS.length;
  const codes = new Uint16Array((n * (n + 1)) / 2);
  let at = 0;
  for (let q = 0; q < n; q++)
    for (let k = 0; k <= q; k++) codes[at++] = Math.round(65535 / (q + 1));
  return {
    trace_id: traceId,
    kind: "pattern",
    layer,
    head,
    data: new DataView(codes.buffer),
    dtype: "uint16",
    shape: [n, n],
    layout: "causal",
    offset: 0,
    scale: 1 / 65535,
    masked: false,
  };
}

/** A full matrix as `encode_matrix` of widgets/wire.py writes it; `masked` keeps code 0 for "no value". */
export function wireMatrix(rows: number[][], changes: Partial<WirePattern> = {}): WirePattern {
  const values = rows.flat();
  const first = changes.masked ? 1 : 0;
  const low = changes.masked ? Math.min(...values) : 0;
  const scale = (Math.max(...values) - low) / (65535 - first) || 1;
  const offset = low - first * scale;
  const codes = Uint16Array.from(values, (value) => Math.round((value - offset) / scale));
  return {
    ...wirePattern(0, 0),
    data: new DataView(codes.buffer),
    shape: [rows.length, rows[0].length],
    layout: "full",
    offset,
    scale,
    ...changes,
  };
}

const SHARED = {
  layer: 0,
  head: 0,
  query: null,
  key: null,
  trace_info: {
    id: "t",
    model_name: "toy",
    n_layers: 2,
    n_heads: 3,
    tokens: TOKENS,
    query_tokens: null,
    causal: true,
    bos: true,
    kinds: ["pattern" as const],
    unit: "token" as const,
    units: ["token" as const],
  },
  busy: false,
  progress: 0,
  error: "",
  editable: true,
  prompt: "the cat",
  palette: "blues" as const,
};

export const heatmapTraits = (changes: Partial<HeatmapTraits> = {}): HeatmapTraits => ({
  ...SHARED,
  trace_info: { ...SHARED.trace_info },
  links: [], // each model is sent its own
  kind: "pattern",
  scale: "linear",
  strip: "attends_to",
  pattern: wirePattern(0, 0),
  shown: "",
  archive: null,
  ...changes,
});

export const gridTraits = (changes: Partial<HeadGridTraits> = {}): HeadGridTraits => ({
  ...SHARED,
  trace_info: { ...SHARED.trace_info },
  scale: "linear",
  cell_size: 0,
  layers: "down",
  scales: null,
  atlas: {
    trace_id: "t",
    scale: "linear",
    data: new Uint8Array(2 * 3 * 10),
    dtype: "uint8",
    shape: [2, 3, 4, 4],
    layout: "causal",
    factor: 1 / 255,
  },
  ...changes,
});

const IDS = [0, 11, 12, 13];

/** Two layers of three heads; what is held differs from what is live only in the kind. */
export const freezeTraits = (changes: Partial<FreezePanelTraits> = {}): FreezePanelTraits => ({
  ...heatmapTraits({
    kind: "live",
    trace_info: { ...SHARED.trace_info, kinds: ["live", "frozen", "difference"] },
    pattern: { ...wirePattern(0, 0), kind: "live" },
  }),
  frozen: false,
  ids: [...IDS],
  heads: null,
  norms: false,
  mlps: false,
  knocked_out: [],
  target: "",
  versus: "",
  position: -1,
  watched: [],
  align: "",
  asked: {},
  suggestions: {},
  baseline: { id: "b", text: "the cat", tokens: TOKENS, ids: [...IDS] },
  next_tokens: {},
  effects: {},
  attribution: {},
  ...changes,
});

/** A full pattern from rows of values between 0 and 1. */
export function fullPattern(rows: number[][], changes: Partial<Pattern> = {}): Pattern {
  return {
    id: `p${Math.random()}`,
    kind: "pattern",
    layer: 0,
    head: 0,
    codes: Uint16Array.from(rows.flat().map((v) => Math.round(v * 65535))),
    block: 1,
    shownAs: "linear",
    undefinedRows: [],
    nQuery: rows.length,
    nKey: rows[0].length,
    causal: false,
    offset: 0,
    step: 1 / 65535,
    masked: false,
    ...changes,
  };
}

/** After pending microtasks and two frames. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 2; i++)
    await new Promise<void>((done) => requestAnimationFrame(() => done()));
}

const MOTIFS = ["previous_token", "induction", "stripe", "diffuse"];

/** Four motifs of the 2 x 3 heads above. Score, lift and bits of a head say where they stand in the bytes. */
export function wireMotifs(traceId = "t"): WireMotifs {
  const heads = 6;
  const values = Float32Array.from({ length: 3 * MOTIFS.length * heads }, (_, i) => {
    const [what, motif, head] = [Math.floor(i / 24), Math.floor(i / 6) % 4, i % 6];
    const lift = 3 + motif + head / 10;
    return what === 0 ? 0.9 - motif * 0.2 - head * 0.05 : what === 1 ? lift : lift / 2;
  });
  values[1 * heads + 2] = Number.NaN; // induction of L0H2
  values[(4 + 1) * heads + 2] = Number.NaN;
  values[(8 + 1) * heads + 2] = Number.NaN;
  const present = new Uint8Array(MOTIFS.length * heads);
  present[0] = 1; // previous_token of L0H0
  present[2 * heads] = 1; // stripe of L0H0
  present[1 * heads + 1] = 1; // induction of L0H1
  const stripe = { type: "diagonal" as const, offset: 2 };
  return {
    trace_id: traceId,
    rule: "Named by the strongest.",
    names: MOTIFS,
    labels: ["Previous token", "Induction", "Stripe", "Diffuse"],
    colors: ["#2a78d6", "#e0457b", "#7f5539", "#7a828c"],
    descriptions: ["The token before", "After the same token", "One offset", "Everywhere"],
    sources: ["Elhage et al. 2021", "", "", ""],
    values: {
      data: new DataView(values.buffer),
      dtype: "float32",
      shape: [3, MOTIFS.length, 2, 3],
    },
    present: { data: new DataView(present.buffer), dtype: "uint8", shape: [MOTIFS.length, 2, 3] },
    dominant: [
      ["previous_token", "induction", "none"],
      ["previous_token", "none", "none"],
    ],
    shapes: {
      previous_token: { type: "diagonal", offset: 1 },
      induction: { type: "match", groups: [0, 1, 0, 1], shift: 1 },
      diffuse: null,
    },
    found: {
      stripe: [
        [stripe, null, stripe],
        [null, null, null],
      ],
    },
  };
}

/** Frames come only when the function that is returned is called; it says how many callbacks ran. */
export function handFrames(): () => number {
  let waiting: FrameRequestCallback[] = [];
  vi.stubGlobal("requestAnimationFrame", (fn: FrameRequestCallback) => waiting.push(fn));
  globalThis.__attn_widgets_frames_1__ = undefined; // what waits for the frames there were before
  return () => {
    const now = waiting;
    waiting = [];
    for (const fn of now) fn(performance.now());
    return now.length;
  };
}
