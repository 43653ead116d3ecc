// Contributions of heads -> the largest of them as buttons with a bar, largest first.
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import type { Head } from "../kit/selection.ts";
import { headName } from "../pattern/pattern.ts";
import { signed } from "./numbers.ts";
import { around, signedBar } from "./signed_bar.ts";

const MOST = 8;

export interface RankedHeadsProps {
  /** [layer, head] */
  readonly contributions: Float32Array;
  readonly nHeads: number;
  readonly selected: Head;
}

/** Flat indices of the heads with the largest contributions, whichever way they go. */
export function rank(contributions: Float32Array, most = MOST): number[] {
  return Array.from(contributions.keys())
    .sort((a, b) => Math.abs(contributions[b]) - Math.abs(contributions[a]) || a - b)
    .slice(0, most);
}

export function rankedHeads(
  parent: Element,
  select: (head: Head) => void,
  signal: AbortSignal,
): (props: RankedHeadsProps) => void {
  const list = make("div", "aw-ranked", { role: "group", "aria-label": "Strongest heads" });
  parent.append(list);
  const places = Array.from({ length: MOST }, () => {
    const at = { layer: 0, head: 0 };
    const name = make("span", "aw-part");
    const bar = signedBar();
    const number = make("span", "aw-number");
    const element = make("button", "aw-term aw-ranked-head", { type: "button" });
    element.append(name, bar.element, number);
    listen(element, "click", () => select({ ...at }), signal);
    list.append(element);
    return { at, name, bar, number, element };
  });

  return ({ contributions, nHeads, selected }) => {
    const order = rank(contributions);
    const axis = around(Math.abs(contributions[order[0]] ?? 0));
    places.forEach(({ at, name, bar, number, element }, place) => {
      element.hidden = place >= order.length;
      if (element.hidden) return;
      const index = order[place];
      at.layer = Math.floor(index / nHeads);
      at.head = index % nHeads;
      const value = contributions[index];
      setText(name, headName(at.layer, at.head));
      setText(number, signed(value));
      bar.update(0, value, axis);
      setAttributes(element, {
        "data-head-rank": headName(at.layer, at.head),
        "data-value": value,
        "aria-pressed": String(at.layer === selected.layer && at.head === selected.head),
        title: `Select ${headName(at.layer, at.head)}`,
      });
    });
  };
}
