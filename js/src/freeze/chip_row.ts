// Tokens -> a row of chips that wraps; those that can be picked are buttons with one tab stop for all of them.
import { listen, make, setAttributes } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";

export interface Chip {
  readonly text: string;
  /** What stood here in the baseline, where that was another token. */
  readonly before: string | null;
  readonly pickable: boolean;
}

export interface ChipRow {
  readonly element: HTMLElement;
  update(label: string, chips: readonly Chip[]): void;
  /** The chip whose popover is open. */
  mark(position: number | null): void;
  focus(position: number): void;
  chip(position: number): HTMLElement | undefined;
}

export function chipRow(
  parent: Element,
  pick: (position: number) => void,
  signal: AbortSignal,
): ChipRow {
  const element = make("div", "aw-chip-row", { role: "group" });
  parent.append(element);
  let written: readonly string[] = [];
  let chips: HTMLElement[] = [];
  let stop = 0;
  let open: number | null = null;

  /** One chip takes part in the order of Tab; arrows lead from it to the others. */
  function setStop(position: number): void {
    if (chips[stop]) chips[stop].tabIndex = -1;
    stop = position;
    if (chips[stop]) chips[stop].tabIndex = 0;
  }

  function next(from: number, by: number): number | null {
    for (let i = from; i >= 0 && i < chips.length; i += by) {
      if (chips[i].tagName === "BUTTON") return i;
    }
    return null;
  }

  function positionOf(event: Event): number | null {
    const chip = (event.target as Element).closest<HTMLElement>("button.aw-token-chip");
    return chip ? Number(chip.dataset.position) : null;
  }
  listen(
    element,
    "click",
    (event) => {
      const position = positionOf(event);
      if (position === null) return;
      setStop(position);
      pick(position);
    },
    signal,
  );
  listen(
    element,
    "keydown",
    (event) => {
      const at = positionOf(event);
      if (at === null) return;
      const ways: Record<string, [number, number]> = {
        ArrowLeft: [at - 1, -1],
        ArrowRight: [at + 1, 1],
        Home: [0, 1],
        End: [chips.length - 1, -1],
      };
      const way = ways[event.key];
      const to = way && next(...way);
      if (way === undefined || to === null) return;
      event.preventDefault();
      event.stopPropagation();
      setStop(to);
      chips[to].focus();
    },
    signal,
  );

  return {
    element,
    update(label, wanted) {
      setAttributes(element, { "aria-label": label });
      const now = wanted.map((chip) => JSON.stringify(chip));
      const hadFocus = chips.findIndex((chip) => chip.matches(":focus"));
      for (let i = 0; i < now.length; i++) {
        if (now[i] === written[i]) continue;
        const chip = makeChip(wanted[i], i);
        if (chips[i]) chips[i].replaceWith(chip);
        else element.append(chip);
        chips[i] = chip;
      }
      for (const extra of chips.slice(now.length)) extra.remove();
      chips = chips.slice(0, now.length);
      written = now;
      const kept = Math.min(stop, chips.length - 1);
      setStop(next(kept, 1) ?? next(kept, -1) ?? 0);
      if (hadFocus >= 0) chips[hadFocus]?.focus({ preventScroll: true });
      this.mark(open);
    },
    mark(position) {
      if (open !== null) chips[open]?.removeAttribute("aria-expanded");
      open = position;
      if (open !== null) chips[open]?.setAttribute("aria-expanded", "true");
    },
    focus(position) {
      if (!chips[position]) return;
      setStop(position);
      chips[position].focus({ preventScroll: true });
    },
    chip: (position) => chips[position],
  };
}

function makeChip({ text, before, pickable }: Chip, position: number): HTMLElement {
  const name =
    before === null ? plainToken(text) : `${plainToken(text)}, was ${plainToken(before)}`;
  const children: Node[] = [make("span", "", {}, ...tokenNodes(text, 28))];
  if (before !== null) children.push(make("s", "aw-chip-before", {}, ...tokenNodes(before, 16)));
  const attributes = {
    "data-position": position,
    title: text.length > 28 ? text.slice(0, 400) : `position ${position}`,
  };
  const changed = before === null ? "" : " aw-changed";
  if (!pickable) return make("span", `aw-token-chip${changed}`, attributes, ...children);
  return make(
    "button",
    `aw-token-chip${changed}`,
    {
      ...attributes,
      type: "button",
      tabindex: -1,
      "aria-haspopup": "dialog",
      "aria-label": `Token ${position}: ${name}`,
    },
    ...children,
  );
}
