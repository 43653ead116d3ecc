// Two values on an axis -> a bar from one to the other, blue where it goes up and red where it goes down.
import { make } from "../kit/dom.ts";

export interface Axis {
  readonly low: number;
  readonly high: number;
}

export interface SignedBar {
  readonly element: HTMLElement;
  update(from: number, to: number, axis: Axis): void;
}

/** An axis with 0 in the middle. */
export const around = (most: number): Axis => ({ low: -most, high: most });

export function signedBar(): SignedBar {
  const fill = make("span", "aw-signed-fill");
  const element = make("span", "aw-signed-bar", { "aria-hidden": "true" }, fill);
  return {
    element,
    update(from, to, { low, high }) {
      const percent = (value: number) => (high > low ? ((value - low) / (high - low)) * 100 : 50);
      const [left, right] = [percent(Math.min(from, to)), percent(Math.max(from, to))];
      element.style.setProperty("--aw-zero", `${percent(0).toFixed(2)}%`);
      fill.style.left = `${left.toFixed(2)}%`;
      fill.style.width = `${(right - left).toFixed(2)}%`;
      fill.classList.toggle("aw-less", to < from);
    },
  };
}
