// HeadScatter: traits -> props of the scatter's view, and its events -> traits.
import { countView, lifetime, type Model, State } from "../model.ts";
import { scatterState } from "../scatter_state.ts";
import type { HeadScatterTraits } from "../scatter_traits.ts";
import { headScatterView } from "../views/scatter/head_scatter.ts";

const WATCHED = [
  "map_info",
  "points",
  "names",
  "columns",
  "neighbours",
  "neighbour_distances",
  "thumbs",
  "gallery",
  "thumb",
  "busy",
  "progress",
  "error",
  "editable",
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
] as const;

function render({
  model,
  el,
  signal: host,
}: {
  model: Model<HeadScatterTraits>;
  el: HTMLElement;
  signal?: AbortSignal;
}): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  const view = headScatterView(
    el,
    {
      change: (changes) => state.save(changes),
      ask: (point) => state.save({ asked: { index: point } }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  const propsOf = scatterState(state);
  const update = () => view(propsOf());
  state.watch(WATCHED, update, signal);
  update();
  return end;
}

export default { render };
