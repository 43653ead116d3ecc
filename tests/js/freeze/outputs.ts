// Where the freeze panel's outputs are put in tests, and how they are pressed and read.
import type { NextTokens, TokenRow } from "../../../js/src/freeze/results.ts";

/** A place on the page, what a view sent from there, and the end of it. */
export function place(theme: "light" | "dark" = "light") {
  const el = document.createElement("div");
  el.dataset.awTheme = theme;
  document.body.append(el);
  const controller = new AbortController();
  const sent: unknown[][] = [];
  const send =
    (name: string) =>
    (...values: unknown[]) =>
      void sent.push([name, ...values]);
  return { el, sent, send, signal: controller.signal, close: () => controller.abort() };
}

/** How much bluer than red a colour is, from -255 to 255. */
export const blueness = (color: string) => {
  const [red, , blue] = (color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
  return blue - red;
};
export const find = (el: Element, selector: string) => el.querySelector<HTMLElement>(selector)!;
export const dataOf = (el: Element, selector: string) => Number(find(el, selector).dataset.value);
export const press = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
export const pressButton = (el: Element, text: string) =>
  [...el.querySelectorAll("button")].find((b) => b.textContent === text)!.click();
export function choose(select: HTMLSelectElement, value: string) {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

export const row = (
  id: number,
  text: string,
  [baseline, live, frozen]: [number, number, number],
  watched = false,
): TokenRow => {
  const prediction = (probability: number) => ({ probability, logit: 10 + Math.log(probability) });
  return {
    id,
    text,
    watched,
    baseline: prediction(baseline),
    live: prediction(live),
    frozen: prediction(frozen),
  };
};

export const NEXT: NextTokens = {
  position: 2,
  rows: [
    row(7, " John", [0.1, 0.6, 0.2]),
    row(5, " Mary", [0.8, 0.3, 0.00002]),
    row(9, "<b>", [0, 0.01, 0.02], true),
  ],
};
