// HeadScatter: traits -> props of the scatter's view, and its events -> traits.
import type { Tie } from "../host/bus.ts";
import { nothing, widget } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import { sameModelName } from "../kit/selection.ts";
import { nameIn } from "./head_map.ts";
import type { HeadScatterProps } from "./props.ts";
import type { HeadScatterTraits } from "./traits.ts";
import { headScatterView } from "./view.ts";
import { decodeAsked, decodeGallery, decodeHeads, decodeMap } from "./wire.ts";

/** Which heads and selections of others it can show. */
function tie(state: State<HeadScatterTraits>) {
  return {
    modelName: () => state.get("model_name"),
    head({ layer, head, model }) {
      const { models = [], n_layers, n_heads } = state.get("map_info") ?? {};
      const i = models.findIndex((name) => sameModelName(name, model));
      if (i < 0 || layer >= n_layers[i] || head >= n_heads[i]) return null;
      return { layer, head, model_name: models[i] };
    },
    selection(names) {
      const known = new Set(state.get("names"));
      return names.every((name) => known.has(name)) ? { selection: [...names] } : null;
    },
  } satisfies Tie<HeadScatterTraits>;
}

const MAP = [
  "map_info",
  "points",
  "names",
  "columns",
  "neighbours",
  "neighbour_distances",
] as const;

const PLAIN = [
  "selection",
  "hovered",
  "layer",
  "head",
  "model_name",
  "color_by",
  "size_by",
  "components",
  "view3d",
  "hidden",
  "show_neighbours",
  "palette",
  "busy",
  "progress",
  "editable",
] as const;

export default widget<HeadScatterTraits, HeadScatterProps, null>({
  tie,
  keep: nothing,
  open(at) {
    const { state } = at;
    const plain = at.pick(PLAIN);
    const map = at.read(
      "map",
      MAP,
      (map_info, points, names, columns, neighbours, neighbour_distances) =>
        map_info && "n" in map_info
          ? decodeMap({ map_info, points, names, columns, neighbours, neighbour_distances })
          : undefined,
    );
    const heads = at.read("thumbnails", ["thumbs"], decodeHeads);
    const asked = at.read("thumbnail", ["thumb"], decodeAsked);
    const gallery = at.read("gallery", ["gallery"], decodeGallery);
    /** The head under the pointer in a widget that this one is linked with. */
    let elsewhere: string | null = null;
    const show = headScatterView(
      at.el,
      {
        change(choices) {
          state.save(choices);
          const { hovered } = choices;
          const places = hovered === undefined ? null : map()?.places;
          const index = hovered ? map()?.indices.get(hovered) : undefined;
          if (places) at.hover({ head: index === undefined ? null : (places[index] ?? null) });
        },
        ask: (point) => state.save({ asked: { index: point } }),
      },
      at.signal,
    );
    return {
      show,
      props() {
        const props = plain();
        const hovered = elsewhere ?? props.hovered;
        const pictures = { heads: heads(), asked: asked(), gallery: gallery() };
        return { ...props, hovered, map: map(), pictures, error: at.error() };
      },
      pointed({ head }) {
        const known = map();
        if (head === undefined || !known) return null;
        elsewhere = head && nameIn(known, head);
        at.update();
        return null;
      },
    };
  },
});
