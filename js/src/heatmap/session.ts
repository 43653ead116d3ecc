// One heatmap model: the patterns it has, which one is wanted, and asking Python for it.

import { lifetime, type Model, State } from "../host/model.ts";
import { later } from "../kit/dom.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { HeatmapTraits, Kind, TraceInfo } from "../pattern/traits.ts";
import { keyOf } from "../pattern/wire.ts";
import { PatternStore } from "./store.ts";

/** Python answers a change of head by itself; only when it did not, ask. */
const ASK_AFTER = 300;
const ASK_AGAIN_AFTER = 6000;

/** What names another pattern of the same trace. */
export interface Choice {
  readonly layer?: number;
  readonly head?: number;
  readonly kind?: Kind;
}

export interface Session {
  readonly store: PatternStore;
  /** What went wrong with the data itself; "" where nothing did. */
  failure(): string;
  /** The pattern that the traits name, if it is here. */
  current(): Pattern | null;
  /** Python has been asked and has not answered for long. */
  overdue(): boolean;
  /** Set head or kind and say in the same message whether the pattern is here already. */
  select(change: Choice): void;
  /** What `shown` becomes with this change: the pattern's key where it is here already, else "". */
  shownAfter(change: Choice): string;
  /** Call `fn` when overdue() changed. */
  onOverdue(fn: () => void, signal: AbortSignal): void;
}

export const WANTED = ["trace_info", "kind", "layer", "head", "pattern", "archive"] as const;

export function openSession(model: Model<HeatmapTraits>, signal: AbortSignal): Session {
  const state = new State(model, "modelListeners");
  const store = new PatternStore();
  const listeners = new Set<() => void>();
  const timer = later(signal);
  let failed = "";
  let late = false;
  let asking = "";

  const wanted = () =>
    keyOf(state.get("trace_info").id, state.get("kind"), state.get("layer"), state.get("head"));

  function take(): void {
    try {
      store.take(state.get("pattern"), state.get("archive") ?? null);
      failed = "";
    } catch (error) {
      failed = `The pattern could not be read: ${error instanceof Error ? error.message : error}`;
    }
  }

  function setLate(now: boolean): void {
    if (late === now) return;
    late = now;
    for (const fn of listeners) fn();
  }

  /** An empty `shown` asks; where it is empty already, only a change is noticed. */
  function ask(): void {
    if (state.get("shown") === "") state.save({ shown: "?" });
    state.save({ shown: "" });
  }

  function check(): void {
    take();
    const key = wanted();
    if (store.has(key)) {
      asking = "";
      timer.stop();
      setLate(false);
    } else if (asking !== key) {
      asking = key;
      setLate(false);
      timer.start(() => {
        ask();
        timer.start(() => {
          setLate(true);
          ask();
        }, ASK_AGAIN_AFTER);
      }, ASK_AFTER);
    }
  }

  function shownAfter(change: Choice): string {
    const key = keyOf(
      state.get("trace_info").id,
      change.kind ?? state.get("kind"),
      change.layer ?? state.get("layer"),
      change.head ?? state.get("head"),
    );
    return store.has(key) ? key : "";
  }

  state.watch(WANTED, check, signal);
  check();

  return {
    store,
    failure: () => failed,
    overdue: () => late,
    current() {
      take();
      return store.get(wanted());
    },
    shownAfter,
    select: (change) => state.save({ ...change, shown: shownAfter(change) }),
    onOverdue(fn, until) {
      listeners.add(fn);
      until.addEventListener("abort", () => listeners.delete(fn), { once: true });
    },
  };
}

// anywidget gives `initialize` and each `render` an object of their own for one model. In Jupyter it imports
// the module anew for each model, but other hosts cache modules by content, so one instance may serve many
// models. What all objects of one model have in common is the value that a trait holds: two models never
// hold the same trace_info object, because each was sent its own.
const sessions = new WeakMap<object, Session>();
const byTrace = new WeakMap<TraceInfo, Session | null>();

export function startSession(model: Model<HeatmapTraits>, hostSignal?: AbortSignal): () => void {
  const [signal, end] = lifetime(hostSignal);
  const session = openSession(model, signal);
  sessions.set(model, session);
  const state = new State(model, "modelListeners");
  const remember = () => {
    const trace = state.get("trace_info");
    const other = byTrace.get(trace);
    byTrace.set(trace, other === undefined || other === session ? session : null);
  };
  state.watch(["trace_info"], remember, signal);
  remember();
  return end;
}

/** The session that `initialize` opened for this model, or, where that is not certain, one of its own. */
export function sessionOf(model: Model<HeatmapTraits>, signal: AbortSignal): Session {
  return (
    sessions.get(model) ??
    byTrace.get(new State(model).get("trace_info")) ??
    openSession(model, signal)
  );
}
