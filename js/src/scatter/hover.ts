// A head that is pointed at, by whoever did so last -> what is shown; Python hears of the pointer here once it rests.
import { later } from "../kit/dom.ts";

/** What Python knows of it. */
export interface Told {
  /** Whether anything there observes it: else nothing is sent. */
  observed(): boolean;
  hovered(): string | null;
  tell(name: string | null): void;
}

export interface Hover {
  /** The head pointed at in a linked widget or by Python; null where the pointer of this view spoke last. */
  outside(): string | null;
  /** The pointer of this view is over this head now. */
  here(name: string | null): void;
  elsewhere(name: string | null): void;
  /** Tell Python now, if it listens. */
  report(): void;
}

/** The pointer rests this long before Python hears of it. In ms. */
const RESTS = 150;

export function hoverOf(told: Told, signal: AbortSignal): Hover {
  let outside: string | null = null;
  let seen: string | null = null;
  /** undefined: the pointer was never here. */
  let pointed: string | null | undefined;
  const rest = later(signal);

  function report(): void {
    if (pointed === undefined || !told.observed()) return;
    if (pointed === told.hovered()) return;
    seen = pointed;
    told.tell(pointed);
  }

  return {
    report,
    outside() {
      const now = told.hovered();
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
