// Contributions of source tokens -> the tokens, each with its number and painted by it.
import { make, setAttributes, setText } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { signed } from "./numbers.ts";
import { largest, strengthOf, tint } from "./tint.ts";

export interface SourceStripProps {
  readonly tokens: readonly string[];
  /** [key] */
  readonly values: Float64Array;
  /** The query: what comes later cannot be a source of it. */
  readonly position: number;
  readonly label: string;
  readonly dark: boolean;
}

interface Source {
  readonly element: HTMLElement;
  readonly number: HTMLElement;
}

export function sourceStrip(parent: Element): (props: SourceStripProps) => void {
  const strip = make("div", "aw-sources", { role: "list", tabindex: 0 });
  parent.append(strip);
  let written: readonly string[] | null = null;
  let sources: Source[] = [];

  function write(tokens: readonly string[]): void {
    written = tokens;
    sources = tokens.map((token, key) => {
      const number = make("span", "aw-source-number");
      const text = make("span", "aw-source-text", {}, ...tokenNodes(token, 24));
      const element = make("span", "aw-source", { role: "listitem", "data-source": key });
      element.append(text, number);
      return { element, number };
    });
    strip.replaceChildren(...sources.map(({ element }) => element));
  }

  return ({ tokens, values, position, label, dark }) => {
    if (tokens !== written) write(tokens);
    setAttributes(strip, { "aria-label": label });
    const most = largest(values);
    sources.forEach(({ element, number }, key) => {
      const value = values[key] ?? 0;
      const later = key > position;
      element.classList.toggle("aw-later", later);
      setText(number, later ? "" : briefly(value));
      const name = `${plainToken(tokens[key])} (${key})`;
      setAttributes(element, {
        "data-value": value,
        title: later ? `${name}: after the query` : `${name}: ${signed(value)}`,
      });
      tint(element, later ? null : strengthOf(value, most), dark);
    });
  };
}

/** Two digits after the point are enough beside a colour; the title has them all. */
function briefly(value: number): string {
  if (Math.abs(value) < 0.005) return "0";
  return `${value > 0 ? "+" : "\u2212"}${Math.abs(value).toFixed(2)}`;
}
