// The largest size of what is painted -> a small bar of the colours with its two ends.

import { make, setText } from "../kit/dom.ts";
import { diverging } from "../pattern/diverging.ts";
import { signed } from "./numbers.ts";

const STOPS = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];

export function colorKey(
  parent: Element,
  label: string,
): (most: number | null, dark: boolean) => void {
  const [low, high] = [make("span", "aw-key-end"), make("span", "aw-key-end")];
  const bar = make("span", "aw-key-bar");
  const element = make("span", "aw-key", { role: "img", "aria-label": `Colours: ${label}` });
  element.append(make("span", "aw-label", {}, label), low, bar, high);
  parent.append(element);
  let drawn: boolean | null = null;
  return (most, dark) => {
    element.classList.toggle("aw-off", most === null);
    setText(low, signed(-(most ?? 0)));
    setText(high, signed(most ?? 0));
    if (drawn === dark) return;
    drawn = dark;
    bar.style.backgroundImage = `linear-gradient(to right, ${STOPS.map(diverging(dark)).join(", ")})`;
  };
}
