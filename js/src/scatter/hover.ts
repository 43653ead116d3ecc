// A head that is pointed at, by whoever did so last -> what is shown; Python hears of the pointer here once it rests.
import type { State } from "../host/model.ts";
import { later } from "../kit/dom.ts";
import type { HeadScatterTraits } from "./traits.ts";

export interface Hover {
  /** The head pointed at in a linked widget or by Python; null where the pointer of this view spoke last. */
  outside(): string | null;
  /** The pointer of this view is over this head now. */
  here(name: string | null): void;
  elsewhere(name: string | null): void;
}

/** The pointer rests this long before Python hears of it. In ms. */
const RESTS = 150;

export function hoverOf(state: State<HeadScatterTraits>, signal: AbortSignal): Hover {
  let outside: string | null = null;
  let seen: string | null = null;
  /** undefined: the pointer was never here. */
  let pointed: string | null | undefined;
  const rest = later(signal);

  /** Where nothing observes it, nothing is sent. */
  function report(): void {
    if (pointed === undefined || !state.get("hover_observed")) return;
    if (pointed === state.get("hovered")) return;
    seen = pointed;
    state.save({ hovered: pointed });
  }
  state.watch(["hover_observed"], report, signal);

  return {
    outside() {
      const now = state.get("hovered") ?? null;
      if (now !== seen) outside = now;
      seen = now;
      return outside;
    },
    here(name) {
      pointed = name;
      outside = null;
      rest.start(report, RESTS);
    },
    elsewhere(name) {
      outside = name;
    },
  };
}
