// Pointer and keys over a strip of tokens -> the index that is pointed at, and clicks.
import { listen } from "../kit/dom.ts";

export interface StripEvents {
  hover(index: number | null): void;
  click(index: number): void;
}

export interface StripState {
  /** How many tokens there are. */
  readonly n: number;
  readonly active: number | null;
}

export function stripPointer(
  element: HTMLElement,
  state: () => StripState,
  show: (index: number) => void,
  events: StripEvents,
  signal: AbortSignal,
): void {
  const indexOf = (event: Event): number | null => {
    const span = (event.target as Element).closest<HTMLElement>(".aw-token");
    return span ? Number(span.dataset.i) : null;
  };
  listen(element, "pointerover", (event) => events.hover(indexOf(event)), signal);
  listen(element, "pointerleave", () => events.hover(null), signal);
  listen(
    element,
    "click",
    (event) => {
      const index = indexOf(event);
      if (index !== null) events.click(index);
    },
    signal,
  );
  listen(element, "blur", () => events.hover(null), signal);
  listen(
    element,
    "keydown",
    (event) => {
      const { n, active } = state();
      if (!n) return;
      const at = active ?? -1;
      const last = n - 1;
      const moves: Record<string, number> = {
        ArrowLeft: Math.max(0, at - 1),
        ArrowRight: Math.min(last, at + 1),
        ArrowUp: Math.max(0, at - 1),
        ArrowDown: Math.min(last, at + 1),
        Home: 0,
        End: last,
      };
      const to = moves[event.key];
      if (to !== undefined) {
        events.hover(to);
        show(to);
      } else if ((event.key === "Enter" || event.key === " ") && at >= 0) events.click(at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );
}
