// Tokens as text, each painted by a weight -> says which one is pointed at or clicked.

import { listen, make, setAttributes, uniqueId, watchSize } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { type StripPaint, stripPainter } from "./strip_paint.ts";
import { type StripEvents, stripPointer } from "./strip_pointer.ts";

interface Marked {
  readonly active: number | null;
  readonly locked: number | null;
}

export interface StripProps extends StripPaint, Marked {
  readonly label: string;
  readonly tokens: readonly string[];
}

export function stripView(
  parent: HTMLElement,
  events: StripEvents,
  signal: AbortSignal,
): { element: HTMLElement; update(props: StripProps): void } {
  const element = make("div", "aw-strip", { role: "listbox", tabindex: 0 });
  parent.append(element);
  let spans: HTMLSpanElement[] = [];
  let tokens: readonly string[] | null = null;
  let marked: Marked = { active: null, locked: null };
  const painter = stripPainter(element);
  const id = uniqueId();

  function write(next: readonly string[]): void {
    tokens = next;
    spans = next.map((token, i) => {
      const name = plainToken(token, 400);
      const title = token.length > 40 ? name : null;
      return make(
        "span",
        "aw-token",
        { role: "option", id: `${id}-${i}`, "data-i": i, title, "aria-label": name },
        ...tokenNodes(token, 40),
      );
    });
    painter.take(spans);
    marked = { active: null, locked: null };
    element.replaceChildren(...spans);
  }

  function mark(next: Marked): void {
    for (const [kind, name] of [
      ["active", "aw-active"],
      ["locked", "aw-locked"],
    ] as const) {
      const before = marked[kind];
      const now = next[kind];
      if (before === now) continue;
      if (before !== null) spans[before]?.classList.remove(name);
      if (now !== null) spans[now]?.classList.add(name);
      if (kind === "locked") {
        if (before !== null) spans[before]?.removeAttribute("aria-selected");
        if (now !== null) {
          spans[now]?.setAttribute("aria-selected", "true");
          bringIntoSight(spans[now]);
        }
      }
    }
    marked = next;
    setAttributes(element, {
      "aria-activedescendant": next.active === null ? null : `${id}-${next.active}`,
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
    () => ({ n: spans.length, active: marked.active }),
    (index) => bringIntoSight(spans[index]),
    events,
    signal,
  );

  return {
    element,
    update({ label, tokens: next, weight, colors, active, locked }) {
      setAttributes(element, { "aria-label": label });
      if (next !== tokens) write(next);
      painter.paint({ weight, colors });
      mark({ active, locked });
    },
  };
}
