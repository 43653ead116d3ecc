// A titled part of the page.
import { make, uniqueId } from "../kit/dom.ts";

export interface Section {
  readonly element: HTMLElement;
  /** Beside the title: switches, a hint. */
  readonly bar: HTMLElement;
  readonly hint: HTMLElement;
  readonly body: HTMLElement;
}

export function section(className: string, title: string): Section {
  const id = uniqueId();
  const heading = make("h3", "aw-section-title", { id }, title);
  const hint = make("span", "aw-hint");
  const bar = make("div", "aw-section-bar", {}, heading, hint);
  const body = make("div", "aw-section-body");
  const element = make("section", `aw-section ${className}`, { "aria-labelledby": id }, bar, body);
  return { element, bar, hint, body };
}
