// HeadScatter: traits -> props of the scatter's view, and its events -> traits.
import { joinBus, seatOf } from "../host/bus.ts";
import { countView, lifetime, type Model, State } from "../host/model.ts";
import { scatterState } from "./state.ts";
import { nameIn, scatterTie } from "./tie.ts";
import type { HeadScatterTraits } from "./traits.ts";
import { headScatterView } from "./view.ts";

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

type Context = { model: Model<HeadScatterTraits>; signal?: AbortSignal };

function initialize({ model, signal: host }: Context): () => void {
  const [signal, end] = lifetime(host);
  joinBus(model, scatterTie(new State(model)), signal);
  return end;
}

function render({ model, el, signal: host }: Context & { el: HTMLElement }): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  const propsOf = scatterState(state);
  /** The head under the pointer in a widget that this one is linked with. */
  let elsewhere: string | null = null;
  const hover = seatOf(model, scatterTie(state), signal).hovers(({ head }) => {
    const { map } = propsOf();
    if (head === undefined || !map) return;
    elsewhere = head && nameIn(map, head);
    update();
  }, signal);
  const tellHovered = (name: string | null) => {
    const { map } = propsOf();
    if (map) hover({ head: name === null ? null : (map.places[map.indices.get(name)!] ?? null) });
  };
  const view = headScatterView(
    el,
    {
      change(changes) {
        state.save(changes);
        if (changes.hovered !== undefined) tellHovered(changes.hovered);
      },
      ask: (point) => state.save({ asked: { index: point } }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  function update(): void {
    const props = propsOf();
    view({ ...props, hovered: elsewhere ?? props.hovered });
  }
  state.watch(WATCHED, update, signal);
  update();
  return end;
}

export default { initialize, render };
