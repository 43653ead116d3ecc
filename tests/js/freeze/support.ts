// A freeze panel over a made-up model, opened on a page.

import type { FreezePanelTraits } from "../../../js/src/freeze/traits.ts";
import freezePanel from "../../../js/src/freeze/widget.ts";
import type { Kind } from "../../../js/src/kit/names.ts";
import type { WirePattern } from "../../../js/src/pattern/wire.ts";
import { FakeModel, freezeTraits, wirePattern } from "../support.ts";

export const pattern = (kind: Kind, layer = 0, head = 0): WirePattern => ({
  ...wirePattern(layer, head),
  kind,
});

export function open(model: FakeModel<FreezePanelTraits>) {
  const el = document.createElement("div");
  document.body.append(el);
  const controller = new AbortController();
  freezePanel.render({ model, el, signal: controller.signal });
  return { el, close: () => controller.abort() };
}

export function started(changes: Partial<FreezePanelTraits> = {}) {
  const model = new FakeModel<FreezePanelTraits>(freezeTraits(changes));
  const controller = new AbortController();
  freezePanel.initialize({ model, signal: controller.signal });
  return { model, stop: () => controller.abort() };
}

export function shown(changes: Partial<FreezePanelTraits> = {}) {
  const { model, stop } = started(changes);
  return { model, stop, ...open(model) };
}

export const find = <E extends HTMLElement>(el: Element, selector: string) =>
  el.querySelector<E>(selector)!;
export const toggleOf = (el: Element) => find(el, "[role=switch]");
export const drawn = (el: Element) => find(el, ".aw-heatmap-canvas").dataset;
export const chipAt = (el: Element, position: number) =>
  find(el, `.aw-chip-row:not([hidden]) [data-position="${position}"]`);
export const button = (el: Element, text: string) =>
  [...el.querySelectorAll("button")].find((one) => one.textContent === text)!;
export const press = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
