// A head scatter's model -> what the bus must know of it: which heads and selections of others it can show.
import { sameModelName, type Tie } from "../host/bus.ts";
import type { State } from "../host/model.ts";
import type { NamedHead } from "../kit/selection.ts";
import type { HeadMap } from "./head_map.ts";
import type { HeadScatterTraits } from "./traits.ts";

export function scatterTie(state: State<HeadScatterTraits>) {
  return {
    modelName: () => state.get("model_name"),
    head({ layer, head, model }: NamedHead) {
      const info = state.get("map_info");
      if (!("n" in info)) return null;
      const { models, n_layers, n_heads } = info;
      const i = models.findIndex((name) => sameModelName(name, model));
      if (i < 0 || layer >= n_layers[i] || head >= n_heads[i]) return null;
      return { layer, head, model_name: models[i] };
    },
    selection(names: readonly string[]) {
      const known = new Set(state.get("names"));
      return names.every((name) => known.has(name)) ? { selection: [...names] } : null;
    },
  } satisfies Tie<HeadScatterTraits>;
}

/** What a map calls a head of any widget; null where it has no such head. */
export function nameIn(map: HeadMap, { layer, head, model }: NamedHead): string | null {
  const index = map.places.findIndex(
    (place) => place.layer === layer && place.head === head && sameModelName(place.model, model),
  );
  return map.names[index] ?? null;
}
