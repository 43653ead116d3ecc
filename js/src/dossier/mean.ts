// The mean pattern between the first words of all passages -> a picture, and the value under the pointer.
import { listen, make, setText } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { pixelOf, ramp } from "../pattern/color.ts";
import { formatValue } from "../pattern/scale.ts";
import { paintCanvas } from "../pattern/thumbs.ts";
import type { DossierProps, HeadPage } from "./props.ts";
import { section } from "./section.ts";

const HINT = "point at it to read a value";

export function meanView(
  parent: Element,
  signal: AbortSignal,
): (props: DossierProps, theme: Theme) => void {
  const { element, body } = section("aw-mean", "Mean pattern");
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
      const thumbs = page?.pictures;
      if (!thumbs) return;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const key = Math.floor(((event.clientX - left) / width) * thumbs.nKey);
      const query = Math.floor(((event.clientY - top) / height) * thumbs.nQuery);
      const code = thumbs.codes[query * thumbs.nKey + key] ?? 0;
      const future = thumbs.cells[0] > 0 && key > query;
      const value = future ? "the future" : formatValue(code / 255);
      setText(readout, `word ${query + 1} to word ${key + 1}: ${value}`);
    },
    signal,
  );
  listen(canvas, "pointerleave", () => setText(readout, HINT), signal);
  return (props, theme) => {
    const now = [props.page?.pictures, props.palette, theme];
    page = props.page;
    element.hidden = !page?.pictures;
    if (!page?.pictures || now.every((value, i) => value === shown[i])) return;
    shown = now;
    const { nQuery, nKey } = page.pictures;
    canvas.setAttribute(
      "aria-label",
      `Mean pattern of ${page.name} between the first ${nQuery} words`,
    );
    const ink = { colors: ramp(props.palette, theme.dark), blank: pixelOf(theme.blank) };
    paintCanvas(canvas, page.pictures, 0, ink, nKey, nQuery);
  };
}
