// An example -> a line of tokens: the one that attends is framed, what it attends to is painted by its weight.
import { make } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { cssColor, rampIndex, wantsDarkText } from "../pattern/color.ts";
import { formatValue } from "../pattern/scale.ts";
import { short } from "./numbers.ts";
import type { Example } from "./props.ts";

/** Less is not painted: nobody would see it. */
const LEAST = 0.005;

export function weightAt({ weights, key, weight }: Example, at: number): number | null {
  if (weights) return at < weights.length ? weights[at] : null;
  return at === key ? weight : null;
}

export function tokenAt({ parts }: Example, at: number): string {
  const part = parts.find(({ start, tokens }) => at >= start && at < start + tokens.length);
  return part?.tokens[at - part.start] ?? "";
}

/** For screen readers, and what a hover says of a token. */
export function spoken(example: Example): string {
  const { query, key, weight, kind } = example;
  const [from, to] = [query, key].map((at) => plainToken(tokenAt(example, at)));
  return `${from} looks at ${to}, ${distance(example)}, weight ${short(weight)}${kind && `, in ${kind}`}`;
}

const tokens = (count: number) => `${count} token${count === 1 ? "" : "s"}`;

export function distance({ query, key }: Example): string {
  const by = query - key;
  if (by === 0) return "itself";
  const count = tokens(Math.abs(by));
  return by > 0 ? `${count} before` : `${count} after`;
}

export function readOut(example: Example, at: number): string {
  const weight = weightAt(example, at);
  const token = plainToken(tokenAt(example, at), 24);
  if (at === example.query && weight === null) return `${token} attends`;
  if (weight === null)
    return example.weights ? `${token}: the future` : `${token}: weight not kept`;
  return `${token} gets ${formatValue(weight)}`;
}

export function stripOf(example: Example, colors: Uint32Array): HTMLElement {
  const strip = make("div", "aw-example-strip");
  // of some models no token has a space: their words would run into each other
  strip.classList.toggle(
    "aw-apart",
    !example.parts.some((part) => part.tokens.some((one) => /\s/.test(one))),
  );
  let end = 0;
  for (const { start, tokens: read } of example.parts) {
    if (start > end) strip.append(gap(start - end));
    read.forEach((token, i) => {
      strip.append(tokenOf(example, start + i, token, colors));
    });
    end = start + read.length;
  }
  if (end < example.nTokens) strip.append(gap(example.nTokens - end));
  return strip;
}

const gap = (left: number) =>
  make("span", "aw-example-gap", { title: `${tokens(left)} left out` }, "\u2026");

function tokenOf(example: Example, at: number, token: string, colors: Uint32Array): HTMLElement {
  const weight = weightAt(example, at);
  const classes = ["aw-example-token"];
  if (at === example.query) classes.push("aw-example-query");
  if (at === example.key) classes.push("aw-example-key");
  const span = make("span", classes.join(" "), { "data-at": at }, ...tokenNodes(token));
  if (weight !== null && weight >= LEAST) {
    const pixel = colors[rampIndex(Math.min(1, weight))];
    span.style.backgroundColor = cssColor(pixel);
    span.style.color = wantsDarkText(pixel) ? "#000" : "#fff";
  }
  return span;
}
