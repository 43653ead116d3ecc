// FreezePanel: traits -> props of the panel's view, and its events -> traits.

import { type Session, sessionOf, startSession } from "../heatmap/session.ts";
import { HEATMAP, heatmapEvents, heatmapState } from "../heatmap/state.ts";
import { joinBus, seatOf } from "../host/bus.ts";
import { countView, lifetime, type Model, State } from "../host/model.ts";
import { NOTHING } from "../kit/selection.ts";
import { traceTie } from "../pattern/trace_tie.ts";
import type { FreezePanelTraits } from "../pattern/traits.ts";
import type { Suggestions } from "./token_popover.ts";
import { type FreezePanelProps, freezePanelView } from "./view.ts";
import { decodeAttribution, decodeEffects, decodeNextTokens } from "./wire.ts";

type Context = { model: Model<FreezePanelTraits>; signal?: AbortSignal };

const WATCHED = [
  ...HEATMAP,
  "frozen",
  "ids",
  "heads",
  "norms",
  "mlps",
  "knocked_out",
  "target",
  "versus",
  "watched",
  "align",
  "suggestions",
  "baseline",
  "next_tokens",
  "effects",
  "attribution",
] as const;

/** Another widget's prompt would be an edit of this one's baseline, which nobody asked for: it is not taken. */
const tie = (state: State<FreezePanelTraits>, session: Session) => {
  const { prompt, ...others } = traceTie(state, (head) => ({ shown: session.shownAfter(head) }));
  return others;
};

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
  let shown: FreezePanelProps | null = null;
  const hover = seatOf(model, tie(state, session), signal).hovers(({ cell: hovered }) => {
    if (shown && hovered) show({ ...shown, heatmap: { ...shown.heatmap, hovered } });
  }, signal);
  /** The pattern of the run that is in effect. */
  const run = (frozen: boolean) => (frozen ? "frozen" : "live");
  const view = freezePanelView(
    el,
    {
      heatmap: {
        ...heatmapEvents(state, session, (cell) => hover({ cell })),
        overlays: () => {},
        run: () => {},
      },
      freeze(frozen) {
        const kind = run(frozen);
        state.save({ frozen, kind, shown: session.shownAfter({ kind }) });
      },
      difference: (on) => session.select({ kind: on ? "difference" : run(state.get("frozen")) }),
      change: (changes) => state.save(changes),
    },
    signal,
  );
  signal.addEventListener("abort", () => el.replaceChildren(), { once: true });

  const heatmap = heatmapState(state, session);
  const next = decoded("next tokens", decodeNextTokens);
  const effects = decoded("effects", decodeEffects);
  const attribution = decoded("attribution", decodeAttribution);
  const show = (props: FreezePanelProps) => {
    shown = props;
    view(props);
  };
  const update = () => {
    const { model_name, tokens, bos } = state.get("trace_info");
    const suggestions = state.get("suggestions");
    const results = {
      next: next.of(state.get("next_tokens")),
      effects: effects.of(state.get("effects")),
      attribution: attribution.of(state.get("attribution")),
    };
    const props = heatmap();
    show({
      ...results,
      modelName: model_name,
      tokens,
      bos,
      heatmap: {
        ...props,
        hovered: shown?.heatmap.hovered ?? NOTHING,
        error: props.error || next.failure() || effects.failure() || attribution.failure(),
      },
      frozen: state.get("frozen"),
      ids: state.get("ids"),
      heads: state.get("heads"),
      norms: state.get("norms"),
      mlps: state.get("mlps"),
      knocked_out: state.get("knocked_out"),
      target: state.get("target"),
      versus: state.get("versus"),
      watched: state.get("watched"),
      align: state.get("align"),
      baseline: state.get("baseline"),
      suggestions: suggestions && "tokens" in suggestions ? (suggestions as Suggestions) : null,
    });
  };
  state.watch(WATCHED, update, signal);
  session.onOverdue(update, signal);
  update();
  return end;
}

/** A trait decoded once for each of its values, and what went wrong with the last one. */
function decoded<Wire, Result>(
  name: string,
  decode: (wire: Wire) => Result,
): { of(wire: Wire): Result | null; failure(): string } {
  let last: Wire | undefined;
  let result: Result | null = null;
  let failed = "";
  return {
    of(wire) {
      if (wire === last) return result;
      last = wire;
      result = null;
      failed = "";
      try {
        result = decode(wire);
      } catch (error) {
        failed = `The ${name} could not be read: ${error instanceof Error ? error.message : error}`;
      }
      return result;
    },
    failure: () => failed,
  };
}

export default { initialize, render };
