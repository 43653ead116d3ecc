// AttentionHeatmap: traits -> props of the heatmap view, and its events -> traits.
import { joinBus, seatOf } from "../host/bus.ts";
import { countView, lifetime, type Model, State } from "../host/model.ts";
import { NOTHING } from "../kit/selection.ts";
import { motifsOf } from "../motifs/state.ts";
import { traceTie } from "../pattern/trace_tie.ts";
import type { HeatmapTraits } from "../pattern/traits.ts";
import type { HeatmapProps } from "./props.ts";
import { type Session, sessionOf, startSession } from "./session.ts";
import { HEATMAP, heatmapEvents, heatmapState } from "./state.ts";
import { heatmapView } from "./view.ts";

type Context = { model: Model<HeatmapTraits>; signal?: AbortSignal };

/** A head that another widget chose is not fetched again where its pattern is here already. */
const tie = (state: State<HeatmapTraits>, session: Session) =>
  traceTie(state, (head) => ({ shown: session.shownAfter(head) }));

function initialize({ model, signal: host }: Context): () => void {
  const [signal, end] = lifetime(host);
  startSession(model, signal);
  joinBus(model, tie(new State(model), sessionOf(model, signal)), signal);
  return end;
}

function render({ model, el, signal: host }: Context & { el: HTMLElement }): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  const session = sessionOf(model, signal);
  let shown: HeatmapProps | null = null;
  const hover = seatOf(model, tie(state, session), signal).hovers(({ cell: hovered }) => {
    if (shown && hovered) show({ ...shown, hovered });
  }, signal);
  const view = heatmapView(
    el,
    {
      ...heatmapEvents(state, session, (cell) => hover({ cell })),
      kind: (kind) => session.select({ kind }),
      overlays: (overlays) => state.save({ overlays }),
      run: (prompt) => state.save({ prompt }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  const motifs = motifsOf(state);
  const propsOf = heatmapState(state, session);
  const show = (props: HeatmapProps) => {
    shown = props;
    view(props);
  };
  const update = () => {
    const props = propsOf();
    show({
      ...props,
      hovered: shown?.hovered ?? NOTHING,
      motifs: motifs.now(),
      overlays: state.get("overlays") ?? [],
      error: props.error || motifs.failure(),
    });
  };
  state.watch([...HEATMAP, "overlays"], update, signal);
  session.onOverdue(update, signal);
  update();
  return end;
}

export default { initialize, render };
