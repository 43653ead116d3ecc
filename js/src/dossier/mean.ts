// The mean pattern between the first words of all passages -> a picture, and the value under the pointer.
import { listen, make, setText } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { pixelOf, ramp } from "../pattern/color.ts";
import { formatValue } from "../pattern/scale.ts";
import { paintCanvas } from "../pattern/thumbs.ts";
import { short } from "./numbers.ts";
import type { DossierProps, HeadPage } from "./props.ts";
import { section } from "./section.ts";

const HINT = "point at it to read a value";

export function meanView(
  parent: Element,
  signal: AbortSignal,
): (props: DossierProps, theme: Theme) => void {
  const { element, hint, body } = section("aw-mean", "Mean pattern");
  parent.append(element);
  const canvas = make("canvas", "aw-mean-canvas", { role: "img" });
  const readout = make("div", "aw-hint", {}, HINT);
  body.append(canvas, readout);
  let shown: unknown[] = [];
  let page: HeadPage | null = null;
  listen(
    canvas,
    "pointermove",
    (event) => {
      if (!page) return;
      const { pictures, nWords, peaks } = page;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const word = (share: number) => Math.min(nWords - 1, Math.max(0, Math.floor(share * nWords)));
      const key = word((event.clientX - left) / width);
      const query = word((event.clientY - top) / height);
      // a cell of a small pattern is there several times
      const at = (place: number) => Math.ceil((place * pictures.nKey) / nWords);
      const code = pictures.codes[at(query) * pictures.nKey + at(key)];
      const future = pictures.cells[0] > 0 && key > query;
      const value = future
        ? "the future"
        : key === 0
          ? "first word, left out"
          : formatValue((code / 255) * peaks[0]);
      setText(readout, `word ${query + 1} to word ${key + 1}: ${value}`);
    },
    signal,
  );
  listen(canvas, "pointerleave", () => setText(readout, HINT), signal);
  return (props, theme) => {
    const now = [props.page?.pictures, props.palette, theme];
    page = props.page;
    if (!page || now.every((value, i) => value === shown[i])) return;
    shown = now;
    const { nQuery, nKey } = page.pictures;
    setText(
      hint,
      `over all passages, between their first ${page.nWords} words, the first left out; rows attend; full colour: ${short(page.peaks[0])}`,
    );
    canvas.setAttribute(
      "aria-label",
      `Mean pattern of ${page.name} between the first ${page.nWords} words`,
    );
    const ink = { colors: ramp(props.palette, theme.dark), blank: pixelOf(theme.blank) };
    paintCanvas(canvas, page.pictures, 0, ink, nKey, nQuery);
  };
}
