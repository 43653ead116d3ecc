// Tokens as text, each painted by a weight -> says which one is pointed at or clicked. Of thousands only those around
// the one that matters.

import { listen, make, setAttributes, uniqueId, watchSize } from "../kit/dom.ts";
import { atRest } from "../kit/rest.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { type StripPaint, stripPainter } from "./strip_paint.ts";
import { type StripEvents, stripPointer } from "./strip_pointer.ts";
import type { StripWindows } from "./strip_window.ts";

interface Marked {
  readonly active: number | null;
  readonly locked: number | null;
}

export interface StripProps extends StripPaint, Marked {
  readonly label: string;
  readonly tokens: readonly string[];
  /** The first token that the model wrote itself. */
  readonly generatedFrom: number | null;
  /** What tokens are worth that are not in sight; null: not known. */
  readonly value: ((index: number) => number | null) | null;
}

export interface StripViewEvents extends StripEvents {
  /** One of the strongest that are not in sight. */
  other(index: number): void;
}

export function stripView(
  parent: HTMLElement,
  events: StripViewEvents,
  signal: AbortSignal,
  windows?: StripWindows,
): { show(on: boolean): void; update(props: StripProps): void } {
  const element = make("div", "aw-strip", { role: "listbox", tabindex: 0 });
  const bar = make("div", "aw-strip-bar", { role: "group", "aria-label": "More tokens" });
  parent.append(bar, element);
  let spans: HTMLSpanElement[] = []; // of the window
  let tokens: readonly string[] = [];
  let window: [number, number] = [0, 0];
  let props: StripProps | null = null;
  let marked: Marked = { active: null, locked: null };
  const painter = stripPainter(element);
  const id = uniqueId();

  bar.hidden = true;
  const windowAround: StripWindows["around"] = windows?.around ?? ((n) => [0, n]);
  const setBar = windows?.bar(
    bar,
    {
      move(by) {
        show(windowAround(tokens.length, (window[0] + window[1]) / 2 + by));
        element.scrollTop = 0;
      },
      other: events.other,
    },
    signal,
  );
  const span = (index: number): HTMLSpanElement | undefined => spans[index - window[0]];

  function write(next: readonly string[], around: [number, number]): void {
    tokens = next;
    window = around;
    const from = props?.generatedFrom ?? next.length;
    spans = next.slice(...window).map((token, at) => {
      const i = at + window[0];
      const name = plainToken(token, 400) + (i < from ? "" : ", generated");
      const title = token.length > 40 || i === from ? name : null;
      return make(
        "span",
        `aw-token${i < from ? "" : i === from ? " aw-generated aw-first" : " aw-generated"}`,
        { role: "option", id: `${id}-${i}`, "data-i": i, title, "aria-label": name },
        ...tokenNodes(token, 40),
      );
    });
    painter.take(spans);
    marked = { active: null, locked: null };
    element.replaceChildren(...spans);
  }

  function paint(): void {
    if (!props) return;
    const { weight, colors, active, locked, value } = props;
    painter.paint({ weight: (at) => weight(at + window[0]), colors });
    mark({ active, locked });
    setBar?.({ tokens, window, value });
  }

  function show(around: [number, number]): void {
    if (around[0] === window[0]) return;
    write(tokens, around);
    paint();
  }

  const inWindow = (index: number) => index >= window[0] && index < window[1];
  /** A pointer that crosses the plot passes by thousands of tokens: the window follows it once it rests. */
  const followed = atRest(() => {
    const at = props?.active ?? props?.locked ?? null;
    if (at !== null && !inWindow(at)) {
      show(windowAround(tokens.length, at));
      bringIntoSight(span(at));
    }
  }, signal);

  function mark(next: Marked): void {
    for (const [kind, name] of [
      ["active", "aw-active"],
      ["locked", "aw-locked"],
    ] as const) {
      const before = marked[kind];
      const now = next[kind];
      if (before === now) continue;
      if (before !== null) span(before)?.classList.remove(name);
      if (now !== null) span(now)?.classList.add(name);
      if (kind === "locked") {
        if (before !== null) span(before)?.removeAttribute("aria-selected");
        if (now !== null) {
          span(now)?.setAttribute("aria-selected", "true");
          bringIntoSight(span(now));
        }
      }
    }
    marked = next;
    setAttributes(element, {
      "aria-activedescendant":
        next.active === null || !inWindow(next.active) ? null : `${id}-${next.active}`,
    });
  }

  /** Scrolls the strip alone: scrollIntoView would move the page too. */
  function bringIntoSight(span: HTMLElement | undefined): void {
    if (!span) return;
    const above = span.offsetTop - element.scrollTop;
    if (above < 0 || above + span.offsetHeight > element.clientHeight) {
      element.scrollTop = span.offsetTop - element.clientHeight / 2;
    }
  }

  watchSize(element, () => painter.moved("resized"), signal);
  listen(element, "scroll", () => painter.moved("scrolled"), signal);
  stripPointer(
    element,
    () => ({ n: tokens.length, active: marked.active }),
    (index) => {
      if (!inWindow(index)) show(windowAround(tokens.length, index));
      bringIntoSight(span(index));
    },
    events,
    signal,
  );

  return {
    show(on) {
      element.hidden = !on;
      if (!on) bar.hidden = true;
    },
    update(next) {
      const before = props;
      props = next;
      const { label, active, locked } = next;
      setAttributes(element, { "aria-label": label });
      const lock = locked !== before?.locked;
      if (next.tokens !== tokens) {
        write(next.tokens, windowAround(next.tokens.length, locked ?? active ?? 0));
      } else if (lock && locked !== null && !inWindow(locked)) {
        write(tokens, windowAround(tokens.length, locked));
      } else if (active !== null && !inWindow(active)) followed();
      paint();
    },
  };
}
