// 256 colours and labelled positions -> a slim vertical bar with ticks.

import { context2d, make } from "../kit/dom.ts";
import { type Display, formatValue, positionOf, ticksOf } from "./scale.ts";

export interface ColorbarProps {
  readonly colors: Uint32Array;
  readonly display: Display;
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

export function colorbar(parent: Element): (props: ColorbarProps) => void {
  const canvas = make("canvas", "aw-bar-canvas", { width: 1, height: 256 });
  const scale = make("div", "aw-bar-scale", {}, canvas);
  const caption = make("div", "aw-bar-label");
  const box = make("div", "aw-bar", { role: "img" }, scale, caption);
  parent.append(box);
  let painted: Uint32Array | null = null;
  let written = "";
  return ({ colors, display, label, top, height }) => {
    box.style.marginTop = `${top}px`;
    scale.style.height = `${height}px`;
    if (colors !== painted) {
      painted = colors;
      const context = context2d(canvas);
      const image = context.createImageData(1, 256);
      new Uint32Array(image.data.buffer).set(Uint32Array.from(colors).reverse());
      context.putImageData(image, 0, 0);
    }
    const ticks = ticksOf(display).map((value) => ({
      text: tickText(display, value),
      at: positionOf(display, value),
    }));
    const now = JSON.stringify([ticks, label]);
    if (now === written) return;
    written = now;
    caption.textContent = label;
    box.setAttribute(
      "aria-label",
      `Colours from ${ticks[0]?.text} to ${ticks.at(-1)?.text}: ${label}`,
    );
    scale.replaceChildren(
      canvas,
      ...ticks.map(({ text, at }) => {
        const tick = make("span", "aw-tick", {}, text);
        tick.style.bottom = `${at * 100}%`;
        return tick;
      }),
    );
  };
}

const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

function tickText(display: Display, value: number): string {
  if (display.scale === "log" && display.high === 1) {
    const exponent = Math.round(-Math.log10(value));
    return exponent === 0 ? "1" : exponent === 1 ? "0.1" : `10\u207b${SUPERSCRIPT[exponent]}`;
  }
  if (display.scale === "log") return formatValue(value);
  return String(Number(value.toPrecision(3))).replace("-", "\u2212");
}
