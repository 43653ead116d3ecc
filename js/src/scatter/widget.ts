// HeadScatter: traits -> props of the scatter's view, and its events -> traits.
import type { Tie } from "../host/bus.ts";
import { nothing, widget } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import { sameModelName } from "../kit/selection.ts";
import { nameIn } from "./head_map.ts";
import { hoverOf } from "./hover.ts";
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
  "x",
  "y",
  "filters",
  "checkpoint",
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
    const hover = hoverOf(
      {
        observed: () => state.get("hover_observed"),
        hovered: () => state.get("hovered") ?? null,
        tell: (hovered) => state.save({ hovered }),
      },
      at.signal,
    );
    state.watch(["hover_observed"], hover.report, at.signal);
    let shown: HeadScatterProps | null = null;
    const view = headScatterView(
      at.el,
      {
        change: (choices) => state.save(choices),
        hover(name) {
          hover.here(name);
          pointOutside();
          const { places, indices } = map() ?? {};
          const index = name === null ? undefined : indices?.get(name);
          if (places) at.hover({ head: index === undefined ? null : (places[index] ?? null) });
        },
        ask: (point) => state.save({ asked: { index: point } }),
      },
      at.signal,
    );
    const show = (props: HeadScatterProps) => {
      shown = props;
      view(props);
    };
    const pointOutside = () => {
      const hovered = hover.outside();
      if (shown && shown.hovered !== hovered) show({ ...shown, hovered });
    };
    return {
      show,
      props() {
        const pictures = { heads: heads(), asked: asked(), gallery: gallery() };
        const hovered = hover.outside();
        return { ...plain(), hovered, map: map(), pictures, error: at.error() };
      },
      pointed({ head }) {
        const known = map();
        if (head === undefined || !known) return null;
        hover.elsewhere(head && nameIn(known, head));
        pointOutside();
        return null;
      },
    };
  },
});
