// What widgets over a trace have in common: props that all their views have, and what the bus must know.
import type { Tie } from "../host/bus.ts";
import type { Open } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import type { Scale, Unit } from "../kit/names.ts";
import {
  type Cell,
  type Head,
  isHere,
  type NamedHead,
  NOTHING,
  type PlacedCell,
  sameModelName,
} from "../kit/selection.ts";
import type { TraceInfo, TraceTraits } from "./traits.ts";

const TRACE = [
  "layer",
  "head",
  "scale",
  "palette",
  "busy",
  "progress",
  "editable",
  "prompt",
  "unit",
  "trace_info",
] as const;

/** Where the first token is left out: that it is, and how much is not to be seen. */
export function firstTokenNotice({ first_share = 0 }: TraceInfo, scale: Scale): string {
  if (scale !== "exclude_first" || first_share < 0.005) return "";
  const percent = `${Math.round(100 * first_share)}%`;
  return `Without the first token, which has about ${percent} of the attention; “Scale” shows it.`;
}

export function traceProps<T extends TraceTraits>(at: Open<T>) {
  const plain = at.pick(TRACE) as () => Pick<TraceTraits, (typeof TRACE)[number]>;
  const locked = at.read("lock", ["query", "key"], (query, key): Cell => ({ query, key }));
  return () => {
    const { trace_info, unit = trace_info.unit, ...props } = plain();
    const { units } = trace_info;
    return { ...props, unit, units, locked: locked()!, trace: trace_info };
  };
}

/** Heads, cells and prompts of others that it can show; `others`: more traits that change with the head. */
export function traceTie<T extends TraceTraits>(
  state: State<T>,
  others: (head: Head) => Partial<T> = () => ({}),
) {
  const set = (traits: Partial<TraceTraits>) => traits as Partial<T>;
  return {
    modelName: () => state.get("trace_info").model_name,
    head({ layer, head, model }: NamedHead) {
      const { model_name, n_layers, n_heads, heads } = state.get("trace_info");
      if (!sameModelName(model, model_name) || layer >= n_layers || head >= n_heads) return null;
      if (!isHere({ layer, head }, heads)) return null;
      return { ...set({ layer, head }), ...others({ layer, head }) };
    },
    positions: () => state.get("trace_info").unit,
    unit: (unit: Unit) => (state.get("trace_info").units.length > 1 ? set({ unit }) : null),
    cell({ query, key, unit: of = "token" }: PlacedCell) {
      const { tokens, query_tokens, unit } = state.get("trace_info");
      if (of !== unit) return null;
      const here = (position: number | null, n: number) => position === null || position < n;
      return here(query, (query_tokens ?? tokens).length) && here(key, tokens.length)
        ? set({ query, key })
        : null;
    },
    prompt: (prompt: string) => (state.get("editable") ? set({ prompt }) : null),
  } satisfies Tie<T>;
}

/** Where the pointer is in another widget, as a cell of this one: a word is not a token. */
export function hoveredHere<T extends TraceTraits>(state: State<T>, cell: PlacedCell): Cell {
  const { unit = "token", ...place } = cell;
  return unit === state.get("trace_info").unit ? place : NOTHING;
}

/** A choice made while the other unit is on its way: a position of the old one would be taken for one of the new. */
export function settled<T extends TraceTraits, C extends Partial<Cell>>(
  state: State<T>,
  choice: C,
) {
  const { unit } = state.get("trace_info");
  if ((state.get("unit") ?? unit) === unit) return choice;
  const { query, key, ...others } = choice;
  return others as C;
}
