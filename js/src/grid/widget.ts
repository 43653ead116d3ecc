// HeadGrid: traits -> props of the grid view, and its events -> traits.
import { joinBus, seatOf } from "../host/bus.ts";
import { countView, lifetime, type Model, State } from "../host/model.ts";
import { motifsOf } from "../motifs/state.ts";
import type { Atlas } from "../pattern/atlas.ts";
import { SHARED, sharedProps } from "../pattern/shared_state.ts";
import { traceTie } from "../pattern/trace_tie.ts";
import type { HeadGridTraits, Scale, WireAtlas } from "../pattern/traits.ts";
import { decodeAtlas } from "../pattern/wire.ts";
import type { HeadGridProps } from "./props.ts";
import { headGridView } from "./view.ts";

const WATCHED = [
  ...SHARED,
  "atlas",
  "scales",
  "cell_size",
  "motif",
  "sort_by",
  "min_score",
] as const;

const ALL_SCALES: Scale[] = ["linear", "log", "exclude_first"];

type Context = { model: Model<HeadGridTraits>; signal?: AbortSignal };

function initialize({ model, signal: host }: Context): () => void {
  const [signal, end] = lifetime(host);
  joinBus(model, traceTie(new State(model)), signal);
  return end;
}

function render({ model, el, signal: host }: Context & { el: HTMLElement }): () => void {
  const [signal, end] = lifetime(host);
  countView(signal);
  const state = new State(model);
  let shown: HeadGridProps | null = null;
  const tie = traceTie(state);
  const hover = seatOf(model, tie, signal).hovers(({ head }) => {
    if (shown && head !== undefined)
      show({ ...shown, hovered: head && tie.head(head) ? head : null });
  }, signal);
  const view = headGridView(
    el,
    {
      select: (head) => state.save(head),
      hover: (head) =>
        hover({ head: head && { ...head, model: state.get("trace_info").model_name } }),
      unlock: () => state.save({ query: null, key: null }),
      scale: (scale) => state.save({ scale }),
      palette: (palette) => state.save({ palette }),
      size: (cell) => state.save({ cell_size: cell }),
      motif: (motif) => state.save({ motif }),
      sortBy: (motif) => state.save({ sort_by: motif }),
      minScore: (score) => state.save({ min_score: score }),
      run: (prompt) => state.save({ prompt }),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  const motifs = motifsOf(state);
  let wire: WireAtlas | null = null;
  let atlas: Atlas | null = null;
  let failure = "";
  const take = () => {
    const now = state.get("atlas");
    if (!now?.data || now === wire) return;
    wire = now;
    try {
      const { id, tokens } = state.get("trace_info");
      atlas = decodeAtlas(now, now.trace_id === id ? tokens.length : undefined);
      failure = "";
    } catch (error) {
      failure = `The thumbnails could not be read: ${error instanceof Error ? error.message : error}`;
    }
  };
  const show = (props: HeadGridProps) => {
    shown = props;
    view(props);
  };
  const update = () => {
    take();
    const trace = state.get("trace_info");
    const scale = state.get("scale");
    show({
      ...sharedProps(state),
      hovered: shown?.hovered ?? null,
      atlas,
      waiting: atlas !== null && atlas.renormalised !== (scale === "exclude_first"),
      nQuery: (trace.query_tokens ?? trace.tokens).length,
      nKey: trace.tokens.length,
      scales: state.get("scales") ?? ALL_SCALES,
      size: state.get("cell_size"),
      motifs: motifs.now(),
      motif: state.get("motif") ?? "",
      sortBy: state.get("sort_by") ?? "",
      minScore: state.get("min_score") ?? 0,
      error: state.get("error") || failure || motifs.failure(),
      notice: "",
    });
  };
  state.watch(WATCHED, update, signal);
  update();
  return end;
}

export default { initialize, render };
