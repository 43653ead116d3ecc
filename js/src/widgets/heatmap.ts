// AttentionHeatmap: traits -> props of the heatmap view, and its events -> traits.
import { countView, lifetime, type Model, State } from "../model.ts";
import { motifsOf } from "../motif_state.ts";
import { sessionOf, startSession } from "../session.ts";
import type { HeatmapTraits } from "../traits.ts";
import { type HeatmapProps, heatmapView, type Picture } from "../views/heatmap.ts";

type Context = { model: Model<HeatmapTraits>; signal?: AbortSignal };

const WATCHED = [
  "trace_info",
  "pattern",
  "archive",
  "layer",
  "head",
  "query",
  "key",
  "kind",
  "scale",
  "palette",
  "strip",
  "motifs",
  "overlays",
  "busy",
  "progress",
  "error",
  "editable",
  "prompt",
] as const;

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
  let picture: Picture | null = null;
  const update = () => {
    const trace = state.get("trace_info");
    const pattern = session.current();
    if (pattern && (picture?.pattern !== pattern || picture.keyTokens !== trace.tokens)) {
      picture = {
        pattern,
        keyTokens: trace.tokens,
        queryTokens: trace.query_tokens ?? trace.tokens,
      };
    }
    const late = !pattern && session.overdue() && !state.get("busy");
    const props: HeatmapProps = {
      picture,
      waiting: pattern === null,
      layer: state.get("layer"),
      head: state.get("head"),
      nLayers: trace.n_layers,
      nHeads: trace.n_heads,
      locked: { query: state.get("query"), key: state.get("key") },
      kind: state.get("kind"),
      kinds: trace.kinds,
      scale: state.get("scale"),
      palette: state.get("palette"),
      strip: state.get("strip"),
      motifs: motifs.now(),
      overlays: state.get("overlays") ?? [],
      busy: state.get("busy"),
      progress: state.get("progress"),
      error: state.get("error") || session.failure() || motifs.failure(),
      notice: late
        ? "No answer from Python yet. If the kernel was stopped or restarted, run the cell again."
        : "",
      editable: state.get("editable"),
      prompt: state.get("prompt"),
    };
    view(props);
  };
  state.watch(WATCHED, update, signal);
  session.onOverdue(update, signal);
  update();
  return end;
}

export default { initialize, render };
