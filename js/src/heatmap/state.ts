// What a heatmap's model and its session hold -> props of the heatmap view, without motifs.
import type { State } from "../host/model.ts";
import type { Cell } from "../kit/selection.ts";
import { SHARED, sharedProps } from "../pattern/shared_state.ts";
import type { HeatmapTraits } from "../pattern/traits.ts";
import type { HeatmapEvents, HeatmapProps, Picture } from "./props.ts";
import type { Session } from "./session.ts";

export const HEATMAP = [...SHARED, "pattern", "archive", "kind", "strip"] as const;

export function heatmapState<T extends HeatmapTraits>(
  state: State<T>,
  session: Session,
): () => HeatmapProps {
  let picture: Picture | null = null;
  return () => {
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
    return {
      ...sharedProps(state),
      picture,
      waiting: pattern === null,
      nLayers: trace.n_layers,
      nHeads: trace.n_heads,
      kind: state.get("kind"),
      kinds: trace.kinds,
      strip: state.get("strip"),
      motifs: null,
      overlays: [],
      error: state.get("error") || session.failure(),
      notice: late
        ? "No answer from Python yet. If the kernel was stopped or restarted, run the cell again."
        : "",
    };
  };
}

/** What happens in a heatmap's view -> its traits; `hover` tells linked widgets. */
export function heatmapEvents<T extends HeatmapTraits>(
  state: State<T>,
  session: Session,
  hover: (cell: Cell) => void,
): Pick<HeatmapEvents, "select" | "lock" | "hover" | "scale" | "palette" | "strip"> {
  const save = (changes: Partial<HeatmapTraits>) => state.save(changes as Partial<T>);
  return {
    select: (head) => session.select(head),
    lock: (cell) => save(cell),
    hover,
    scale: (scale) => save({ scale }),
    palette: (palette) => save({ palette }),
    strip: (strip) => save({ strip }),
  };
}
