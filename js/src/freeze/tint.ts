// A signed strength from -1 to 1 -> the background of an element, with text on it that can be read.
import { cssColor, ramp, wantsDarkText } from "../pattern/color.ts";

/** Whether the widget around an element is dark, as its root says; calls `changed` when it says otherwise. */
export function followDark(
  element: Element,
  changed: () => void,
  signal: AbortSignal,
): () => boolean {
  const root = element.closest<HTMLElement>("[data-aw-theme]");
  if (root) {
    const observer = new MutationObserver(changed);
    observer.observe(root, { attributes: true, attributeFilter: ["data-aw-theme"] });
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  return () => root?.dataset.awTheme === "dark";
}

const BARE = 0;
const painted = new WeakMap<HTMLElement, number>();

/** null takes the paint away. Only what differs is written. */
export function tint(element: HTMLElement, strength: number | null, dark: boolean): void {
  const t = strength === null ? 0 : Math.min(1, Math.max(-1, strength || 0));
  const pixel = strength === null ? BARE : ramp("diverging", dark)[128 + Math.round(t * 127)];
  if (pixel === (painted.get(element) ?? BARE)) return;
  painted.set(element, pixel);
  element.style.backgroundColor = pixel === BARE ? "" : cssColor(pixel);
  element.style.color = pixel === BARE ? "" : wantsDarkText(pixel) ? "#000" : "#fff";
}

/** The largest size among the values: what full colour and full bars stand for. */
export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** Where nothing has a size, everything lies at 0. */
export function strengthOf(value: number, most: number): number {
  return most > 0 ? value / most : 0;
}
