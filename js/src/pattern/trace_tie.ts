// A model over a trace -> what the bus must know of it: which heads, cells and prompts of others it can show.
import { sameModelName, type Tie } from "../host/bus.ts";
import type { State } from "../host/model.ts";
import type { Cell, Head, NamedHead } from "../kit/selection.ts";
import type { SharedTraits } from "./traits.ts";

/** `others`: more traits that change with the head. */
export function traceTie<T extends SharedTraits>(
  state: State<T>,
  others: (head: Head) => Partial<T> = () => ({}),
) {
  const set = (traits: Partial<SharedTraits>) => traits as Partial<T>;
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
