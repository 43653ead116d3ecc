// One heatmap model: the patterns it has, which one is wanted, and asking Python for it.

import type { State } from "../host/model.ts";
import { once } from "../host/once.ts";
import { keepPageUnit } from "../host/page_unit.ts";
import { later } from "../kit/dom.ts";
import type { Kind, Scale } from "../kit/names.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { shownAsOf } from "../pattern/scale.ts";
import {
  decodeLine,
  decodePattern,
  decodeTile,
  keyOf,
  keyOfPart,
  keyOfWire,
  type WireLine,
  type WirePattern,
  type WireTile,
} from "../pattern/wire.ts";
import { type LookAhead, lookAhead } from "./ahead.ts";
import { type Detail, openDetail } from "./detail.ts";
import { type PageWords, PatternStore } from "./store.ts";
import { lineName, tileName } from "./tile_store.ts";
import type { HeatmapTraits } from "./traits.ts";

/** Python answers a change of head by itself; only when it did not, ask. */
const ASK_AFTER = 300;
const ASK_AGAIN_AFTER = 6000;

type Archive = HeatmapTraits["archive"];

/** What names another pattern of the same trace. */
interface Choice {
  readonly layer?: number;
  readonly head?: number;
  readonly kind?: Kind;
  readonly scale?: Scale;
}

export interface Session {
  /** What went wrong with the data itself; "" where nothing did. */
  failure(): string;
  /** The pattern that the traits name, if it is here. */
  current(): Pattern | null;
  /** Python has been asked and has not answered for long. */
  overdue(): boolean;
  /** What `shown` becomes with this change: the pattern's key where it is here already, else "". */
  shownAfter(change: Choice): string;
  /** A pattern that came before it was asked to be shown. */
  give(wire: WirePattern): void;
  /** Call `fn` when overdue() changed, or what was waited for was given. */
  onOverdue(fn: () => void, signal: AbortSignal): void;
}

const WANTED = ["trace_info", "kind", "layer", "head", "scale", "pattern", "archive"] as const;

function wordsOnPage(state: State<HeatmapTraits>): PageWords | null {
  const other = state.get("other_unit");
  if (!other?.traits) return null;
  const { id } = state.get("trace_info");
  const { id: otherId } = other.traits.trace_info;
  const [tokens, words] = other.unit === "word" ? [id, otherId] : [otherId, id];
  return { tokens, words, starts: other.starts };
}

export function openSession(state: State<HeatmapTraits>, signal: AbortSignal): Session {
  keepPageUnit(state, signal);
  const store = new PatternStore(undefined, wordsOnPage(state));
  const listeners = new Set<() => void>();
  const timer = later(signal);
  let late = false;
  let asking = "";

  /** The key of the head, and of the picture of it that is here. */
  function keysAfter(change: Choice = {}): { key: string; here: string | null; asked: string } {
    const kind = change.kind ?? state.get("kind");
    const key = keyOf(
      state.get("trace_info").id,
      kind,
      change.layer ?? state.get("layer"),
      change.head ?? state.get("head"),
    );
    const shownAs = shownAsOf(kind, change.scale ?? state.get("scale"));
    return { key, here: store.keyFor(key, shownAs), asked: `${key} ${shownAs}` };
  }

  const taken = once("pattern", (pattern: HeatmapTraits["pattern"], archive: Archive) =>
    store.take(pattern, archive ?? null),
  );
  /** Again also where the same key was sent anew. */
  const found = once("pattern", (key: string | null, ..._sent: unknown[]) =>
    key === null ? null : store.get(key),
  );
  const take = () => taken.of(state.get("pattern"), state.get("archive"));

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
    const { here, asked } = keysAfter();
    if (here !== null) {
      asking = "";
      timer.stop();
      setLate(false);
    } else if (asking !== asked) {
      asking = asked;
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

  state.watch(WANTED, check, signal);
  check();

  return {
    failure: () => taken.failure() || found.failure(),
    overdue: () => late,
    current() {
      take();
      const { here } = keysAfter();
      const pattern = found.of(here, state.get("pattern"), state.get("archive"));
      return found.failure() ? null : pattern;
    },
    shownAfter(change) {
      return keysAfter(change).here ?? "";
    },
    give(wire) {
      store.add(decodePattern(wire));
      if (keyOfWire(wire) !== keysAfter().key) return;
      // chosen meanwhile
      check();
      for (const fn of listeners) fn();
    },
    onOverdue(fn, until) {
      listeners.add(fn);
      until.addEventListener("abort", () => listeners.delete(fn), { once: true });
    },
  };
}

/** Heads that may be shown next, asked of Python beside the traits; null on a page, which has them all. */
export function openAhead(
  state: State<HeatmapTraits>,
  session: Session,
  signal: AbortSignal,
): LookAhead | null {
  if (Array.isArray(state.get("archive"))) return null;
  const ahead = lookAhead(
    () => {
      const { id, n_layers, n_heads, tokens, query_tokens } = state.get("trace_info");
      // the widget may be here before its trace is
      if (!tokens) return null;
      return {
        traceId: id,
        kind: state.get("kind"),
        layer: state.get("layer"),
        head: state.get("head"),
        nLayers: n_layers,
        nHeads: n_heads,
        cells: tokens.length * (query_tokens ?? tokens).length,
      };
    },
    (head) => session.shownAfter(head) !== "",
    (of) => {
      const heads = of.map((one) => ({ ...one, shown_as: "linear" }));
      state.send({ ask: "heads", request: null, of: heads });
    },
    signal,
  );
  state.hear((message, buffers) => {
    const { answer, patterns } = (message ?? {}) as { answer?: string; patterns?: WirePattern[] };
    if (answer !== "heads") return;
    for (const [i, wire] of (patterns ?? []).entries()) {
      ahead.came(wire);
      session.give({ ...wire, data: buffers[i] });
    }
  }, signal);
  state.watch(WANTED, ahead.moved, signal);
  return ahead;
}

/** What Python says of long patterns, by message. */
type Answer =
  | ({ answer: "tile"; request: number } & Omit<WireTile, "data">)
  | ({ answer: "line"; request: number } & Omit<WireLine, "data" | "factors">)
  | { answer: "dropped"; request: number }
  | { answer: "error"; request: number; error: string };

/** Tiles and lines of long patterns: asked of Python, or found on the page. */
export function openParts(state: State<HeatmapTraits>, signal: AbortSignal): Detail {
  const onPage = Array.isArray(state.get("archive"));
  const archived = {
    tiles: new Map(
      (state.get("tiles_archive") ?? []).map((wire) => {
        const [block, row, column] = wire.tile;
        const name = tileName(keyOfPart(wire), { block, row, column });
        return [name, () => decodeTile(wire)];
      }),
    ),
    lines: new Map(
      (state.get("lines_archive") ?? []).map((wire) => {
        return [lineName(keyOfPart(wire), wire.axis, wire.index), () => decodeLine(wire)];
      }),
    ),
  };
  const send = onPage ? null : (message: unknown) => state.send(message);
  const { detail, asks } = openDetail(send, archived, signal);

  function take(message: Answer, [data, factors]: DataView[]): void {
    if (message.answer === "tile") {
      asks.tileCame(keyOfPart(message), decodeTile({ ...message, data }));
    } else if (message.answer === "line") {
      asks.lineCame(keyOfPart(message), decodeLine({ ...message, data, factors }));
    } else if (message.answer === "dropped") asks.dropped(message.request);
    else if (message.answer === "error") asks.failed(message.request, message.error);
  }
  state.hear((message, buffers) => {
    const answer = message as Answer | null;
    if (!answer || typeof answer !== "object" || !("answer" in answer)) return;
    try {
      take(answer, buffers);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      asks.failed(answer.request, `A part of the pattern could not be read: ${why}`);
    }
  }, signal);
  return detail;
}
