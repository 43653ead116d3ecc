// AttentionHeatmap: traits -> props of the heatmap view, and its events -> traits.
import { HEATMAP, heatmapState } from "../heatmap_state.ts";
import { countView, lifetime, type Model, State } from "../model.ts";
import { motifsOf } from "../motif_state.ts";
import { sessionOf, startSession } from "../session.ts";
import type { HeatmapTraits } from "../traits.ts";
import { heatmapView } from "../views/heatmap.ts";

type Context = { model: Model<HeatmapTraits>; signal?: AbortSignal };

function initialize({ model, signal }: Context): () => void {
  return startSession(model, signal);
}

function render({ model, el, signal: host }: Context & { el: HTMLElement }): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  const session = sessionOf(model, signal);
  const view = heatmapView(
    el,
    {
      select: (head) => session.select(head),
      lock: (cell) => state.save(cell),
      kind: (kind) => session.select({ kind }),
      scale: (scale) => state.save({ scale }),
      palette: (palette) => state.save({ palette }),
      strip: (strip) => state.save({ strip }),
      overlays: (overlays) => state.save({ overlays }),
      run: (prompt) => state.save({ prompt }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  const motifs = motifsOf(state);
  const propsOf = heatmapState(state, session);
  const update = () => {
    const props = propsOf();
    view({
      ...props,
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
