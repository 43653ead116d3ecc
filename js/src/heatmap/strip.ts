// Tokens as text, each painted by a weight -> says which one is pointed at or clicked.

import { listen, make, setAttributes, watchSize } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { cssColor, rampIndex, wantsDarkText } from "../pattern/color.ts";

export interface StripProps {
  readonly label: string;
  readonly tokens: readonly string[];
  /** Where a token's weight lies on the colour bar, from 0 to 1; null: no paint. */
  readonly weight: (index: number) => number | null;
  readonly colors: Uint32Array;
  readonly active: number | null;
  readonly locked: number | null;
}

export interface StripEvents {
  hover(index: number | null): void;
  click(index: number): void;
}

/** Odd, so that one of them is the middle of the bar, where 0 of signed values lies. */
const BUCKETS = 65;
const BARE = 255;

export function stripView(
  parent: HTMLElement,
  events: StripEvents,
  signal: AbortSignal,
): { element: HTMLElement; update(props: StripProps): void } {
  const element = make("div", "aw-strip", { role: "listbox", tabindex: 0 });
  parent.append(element);
  let props: StripProps | null = null;
  let spans: HTMLSpanElement[] = [];
  let painted = new Uint8Array(0);
  let tokens: readonly string[] | null = null;
  let colors: Uint32Array | null = null;
  let measured: { tops: number[]; height: number } | null = null;
  let scrolled = 0;
  let marked: { active: number | null; locked: number | null } = { active: null, locked: null };
  const id = `aw-${Math.random().toString(36).slice(2, 9)}`;

  function write(next: readonly string[]): void {
    tokens = next;
    spans = next.map((token, i) => {
      const title = token.length > 40 ? token.slice(0, 400) : null;
      return make(
        "span",
        "aw-token",
        { role: "option", id: `${id}-${i}`, "data-i": i, title, "aria-label": plainToken(token) },
        ...tokenNodes(token, 40),
      );
    });
    measured = null;
    scrolled = 0;
    painted = new Uint8Array(next.length).fill(BARE);
    marked = { active: null, locked: null };
    element.replaceChildren(...spans);
  }

  /** All paint is in the old colours: forget what was painted. */
  function repaint(): void {
    for (let i = 0; i < spans.length; i++) {
      if (painted[i] === BARE) continue;
      painted[i] = BARE;
      paint(i, BARE);
    }
  }

  function paint(index: number, bucket: number): void {
    const { style } = spans[index];
    if (bucket === BARE) {
      style.backgroundColor = "";
      style.color = "";
    } else {
      const pixel = colors![rampIndex((bucket + 0.5) / BUCKETS)];
      style.backgroundColor = cssColor(pixel);
      style.color = wantsDarkText(pixel) ? "#000" : "#fff";
    }
  }

  function mark(next: { active: number | null; locked: number | null }): void {
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

  /** The spans in sight: only they need paint, and of thousands most are scrolled away. */
  function inSight(): [number, number] {
    if (spans.length < 300) return [0, spans.length];
    measured ??= { tops: spans.map((span) => span.offsetTop), height: element.clientHeight };
    const { tops, height } = measured;
    const from = tops.findIndex((top) => top > scrolled - 40);
    const end = tops.findIndex((top) => top > scrolled + height + 20);
    return [Math.max(0, from), end < 0 ? spans.length : end];
  }

  function paintAll(): void {
    if (!props) return;
    const [from, end] = inSight();
    for (let i = from; i < end; i++) {
      const weight = props.weight(i);
      const bucket = weight === null ? BARE : Math.min(BUCKETS - 1, Math.floor(weight * BUCKETS));
      if (bucket === painted[i]) continue;
      painted[i] = bucket;
      paint(i, bucket);
    }
  }

  watchSize(
    element,
    () => {
      measured = null;
      paintAll();
    },
    signal,
  );
  listen(
    element,
    "scroll",
    () => {
      scrolled = element.scrollTop;
      paintAll();
    },
    signal,
  );

  /** Scrolls the strip alone: scrollIntoView would move the page too. */
  function bringIntoSight(span: HTMLElement | undefined): void {
    if (!span) return;
    const above = span.offsetTop - element.scrollTop;
    if (above < 0 || above + span.offsetHeight > element.clientHeight) {
      element.scrollTop = span.offsetTop - element.clientHeight / 2;
    }
  }

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
      if (!props || !spans.length) return;
      const at = props.active ?? -1;
      const last = spans.length - 1;
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
        bringIntoSight(spans[to]);
      } else if ((event.key === "Enter" || event.key === " ") && at >= 0) events.click(at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );

  return {
    element,
    update(next) {
      props = next;
      setAttributes(element, { "aria-label": next.label });
      if (next.tokens !== tokens) write(next.tokens);
      if (next.colors !== colors) {
        colors = next.colors;
        repaint();
      }
      paintAll();
      mark({ active: next.active, locked: next.locked });
    },
  };
}
