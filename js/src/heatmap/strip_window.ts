// More tokens than a page should hold as elements -> those around one place, how to go on from there, and which of the
// others weigh most.

import { button } from "../kit/controls.ts";
import { make, setText } from "../kit/dom.ts";
import { plainToken } from "../kit/token.ts";
import { formatValue } from "../pattern/scale.ts";

/** Up to so many tokens stand there all. */
export const WHOLE = 1000;
/** How many stand there where they do not all. */
export const WINDOW = 400;
const MOST_OTHERS = 5;
/** Less than this of the largest is not worth naming. */
const LEAST_SHARE = 0.05;

/** The window [from, to) that has `at` in its middle, as far as there are tokens. */
export function windowAround(n: number, at: number): [number, number] {
  if (n <= WHOLE) return [0, n];
  const from = Math.max(0, Math.min(n - WINDOW, Math.round(at) - WINDOW / 2));
  return [from, from + WINDOW];
}

/** The largest values outside of [from, to), largest first. */
export function strongestOutside(
  value: (index: number) => number | null,
  n: number,
  [from, to]: readonly [number, number],
): { index: number; value: number }[] {
  const best: { index: number; value: number }[] = [];
  let most = 0;
  for (let index = 0; index < n; index++) {
    const size = Math.abs(value(index) ?? 0);
    if (size > most) most = size;
    if (index >= from && index < to) continue;
    if (size === 0 || (best.length === MOST_OTHERS && size <= Math.abs(best.at(-1)!.value)))
      continue;
    if (best.length === MOST_OTHERS) best.pop();
    const place = best.findIndex((one) => Math.abs(one.value) < size);
    best.splice(place < 0 ? best.length : place, 0, { index, value: value(index)! });
  }
  return best.filter((one) => Math.abs(one.value) >= LEAST_SHARE * most);
}

export interface Around {
  readonly tokens: readonly string[];
  readonly window: readonly [number, number];
  /** What tokens are worth; null: not known. */
  readonly value: ((index: number) => number | null) | null;
}

/** What a strip of thousands of tokens needs. */
export interface StripWindows {
  around(n: number, at: number): [number, number];
  bar: typeof windowBar;
}

/** Stands above a strip that shows part of its tokens. */
function windowBar(
  element: HTMLElement,
  events: { move(by: number): void; other(index: number): void },
  signal: AbortSignal,
): (around: Around) => void {
  const where = make("span", "aw-strip-where");
  const earlier = button("\u2039", "Earlier tokens", () => events.move(-WINDOW / 2), signal);
  const later = button("\u203a", "Later tokens", () => events.move(WINDOW / 2), signal);
  const others = make("span", "aw-strip-others");
  element.append(earlier, where, later, others);
  element.addEventListener(
    "click",
    (event) => {
      const other = (event.target as Element).closest<HTMLElement>("[data-other]");
      if (other) events.other(Number(other.dataset.other));
    },
    { signal },
  );
  let written = "";
  return ({ tokens, window, value }) => {
    const [from, to] = window;
    const n = tokens.length;
    element.hidden = to - from === n;
    if (element.hidden) return;
    setText(where, `${from}\u2013${to - 1} of ${n}`);
    earlier.disabled = from === 0;
    later.disabled = to === n;
    const found = value ? strongestOutside(value, n, window) : [];
    const texts = found.map(({ index, value }) => {
      return `${index} \u201c${plainToken(tokens[index], 14)}\u201d ${formatValue(value)}`;
    });
    const now = texts.join("|");
    if (now === written) return;
    written = now;
    others.replaceChildren(
      ...(found.length ? ["also: "] : []),
      ...found.map(({ index }, i) =>
        make(
          "button",
          "aw-strip-other",
          { type: "button", "data-other": index, title: `Go to position ${index}` },
          texts[i],
        ),
      ),
    );
  };
}

export const stripWindows: StripWindows = { around: windowAround, bar: windowBar };
