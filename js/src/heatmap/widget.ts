// AttentionHeatmap: traits -> props of the heatmap view, and its events -> traits.
import { type Open, widget } from "../host/frame.ts";
import type { State } from "../host/model.ts";
import { findBox } from "../kit/find_box.ts";
import { memo } from "../kit/memo.ts";
import { saveMenu } from "../kit/save.ts";
import { motifsOf } from "../motifs/widget.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { TraceInfo } from "../pattern/traits.ts";
import { firstTokenNotice, hoveredHere, settled, traceProps, traceTie } from "../pattern/widget.ts";
import type { LookAhead } from "./ahead.ts";
import type { Detail } from "./detail.ts";
import type { HeatmapEvents, HeatmapProps, Picture } from "./props.ts";
import { stripWindows } from "./strip_window.ts";
import { savedOf } from "./table.ts";
import type { HeatmapTraits } from "./traits.ts";
import { heatmapView } from "./view.ts";
import { openAhead, openParts, openSession, type Session } from "./wire.ts";

/** A head that another widget chose is not fetched again where its pattern is here already. */
export const heatmapTie = <T extends HeatmapTraits>(state: State<T>, session: Session) =>
  traceTie(state, (head) => ({ shown: session.shownAfter(head) }) as Partial<T>);

const OVERDUE =
  "No answer from Python yet. If the kernel was stopped or restarted, run the cell again.";

export function heatmapProps<T extends HeatmapTraits>(at: Open<T>, session: Session) {
  const shared = traceProps(at);
  const plain = at.pick(["kind", "strip"]);
  const overlays = at.read("overlays", ["overlays"], (names) => names ?? []);
  const motifs = motifsOf(at);
  const fresh = memo((pattern: Pattern, trace: TraceInfo): Picture => {
    const { tokens, query_tokens, unit, generated_from: generatedFrom = null } = trace;
    return { pattern, keyTokens: tokens, queryTokens: query_tokens ?? tokens, unit, generatedFrom };
  });
  const overdue = (pattern: Pattern | null, busy: boolean) =>
    !pattern && session.overdue() && !busy ? OVERDUE : "";
  let picture: Picture | null = null;
  at.pick(["pattern", "archive"]); // the session's
  session.onOverdue(at.update, at.signal);
  return (): HeatmapProps => {
    const { trace, ...props } = shared();
    const pattern = session.current();
    if (pattern) picture = fresh(pattern, trace);
    return {
      ...props,
      ...plain(),
      picture,
      waiting: pattern === null || props.unit !== trace.unit,
      nLayers: trace.n_layers,
      nHeads: trace.n_heads,
      kinds: trace.kinds,
      heads: trace.heads,
      scales: trace.scales,
      final: Array.isArray(at.state.get("archive")),
      motifs: motifs(),
      overlays: overlays()!,
      notice: overdue(pattern, props.busy) || firstTokenNotice(trace, props.scale),
      error: at.error() || session.failure(),
    };
  };
}

/** Whatever names another pattern says in the same message whether that is here already. */
export function heatmapEvents<T extends HeatmapTraits>(at: Open<T>, session: Session) {
  return {
    change(chosen) {
      const choices = settled(at.state, chosen);
      const { kind, layer, head, scale } = choices;
      const other = kind ?? layer ?? head ?? scale;
      const shown = other === undefined ? {} : { shown: session.shownAfter(choices) };
      at.state.save({ ...choices, ...shown } as Partial<T>);
    },
    hover: (cell) => at.hover({ cell: { ...cell, unit: at.state.get("trace_info").unit } }),
    choosesKind: true,
    choosesUnit: true,
  } satisfies HeatmapEvents;
}

interface Kept extends Session {
  readonly ahead: LookAhead | null;
  readonly detail: Detail;
}

export default /* @__PURE__ */ widget<HeatmapTraits, HeatmapProps, Kept>({
  tie: heatmapTie,
  keep(state, signal) {
    const session = openSession(state, signal);
    const ahead = openAhead(state, session, signal);
    return { ...session, ahead, detail: openParts(state, signal) };
  },
  open(at, session) {
    const { detail } = session;
    const props = heatmapProps(at, session);
    let failed = detail.failure();
    detail.onChange(() => {
      const before = failed;
      failed = detail.failure();
      if (failed !== before) at.update();
    }, at.signal);
    return {
      show: heatmapView(
        at.el,
        {
          ...heatmapEvents(at, session),
          long: { detail, strips: stripWindows, find: findBox },
          save(parent, of, signal) {
            const { model_name } = at.state.get("trace_info");
            saveMenu(parent, () => savedOf(of(), model_name), signal);
          },
        },
        at.signal,
      ),
      props() {
        const now = props();
        return { ...now, error: now.error || failed };
      },
      pointed({ cell, head }) {
        if (head && traceTie(at.state).head(head)) session.ahead?.pointed(head);
        return cell ? { hovered: hoveredHere(at.state, cell) } : null;
      },
    };
  },
});
