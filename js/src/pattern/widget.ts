// What widgets over a trace have in common: props that all their views have, and what the bus must know.
import type { Tie } from "../host/bus.ts";
import type { Open } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import { type Cell, type Head, type NamedHead, sameModelName } from "../kit/selection.ts";
import type { TraceTraits } from "./traits.ts";

const TRACE = [
  "layer",
  "head",
  "scale",
  "palette",
  "busy",
  "progress",
  "editable",
  "prompt",
  "trace_info",
] as const;

export function traceProps<T extends TraceTraits>(at: Open<T>) {
  const plain = at.pick(TRACE) as () => Pick<TraceTraits, (typeof TRACE)[number]>;
  const locked = at.read("lock", ["query", "key"], (query, key): Cell => ({ query, key }));
  return () => {
    const { trace_info, ...props } = plain();
    return { ...props, locked: locked()!, trace: trace_info };
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
      const { model_name, n_layers, n_heads } = state.get("trace_info");
      if (!sameModelName(model, model_name) || layer >= n_layers || head >= n_heads) return null;
      return { ...set({ layer, head }), ...others({ layer, head }) };
    },
    cell({ query, key }: Cell) {
      const { tokens, query_tokens } = state.get("trace_info");
      const here = (position: number | null, n: number) => position === null || position < n;
      return here(query, (query_tokens ?? tokens).length) && here(key, tokens.length)
        ? set({ query, key })
        : null;
    },
    prompt: (prompt: string) => (state.get("editable") ? set({ prompt }) : null),
  } satisfies Tie<T>;
}
