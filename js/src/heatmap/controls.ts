// The row above a heatmap: its head's name, steppers, what is shown in which colours, zoom buttons.
import { button, choice, stepper } from "../kit/controls.ts";
import { make, setAttributes, setText } from "../kit/dom.ts";
import type { Kind, Palette, Scale } from "../kit/names.ts";
import { KINDS, only, PALETTES, SCALES } from "../kit/names.ts";
import type { Head } from "../kit/selection.ts";
import { unitSwitch } from "../kit/unit_switch.ts";
import { headName, isSigned } from "../pattern/pattern.ts";
import { scalesFor } from "../pattern/scale.ts";
import type { HeatmapEvents, HeatmapProps } from "./props.ts";

export interface Zooming {
  by(factor: number): void;
  fit(): void;
}

export interface Controls {
  readonly bar: HTMLElement;
  /** They stand beside the plot, not in the row. */
  readonly zooms: HTMLElement;
  update(props: HeatmapProps): void;
}

export function heatmapControls(
  parent: HTMLElement,
  events: HeatmapEvents,
  select: (head: Head) => void,
  zooming: Zooming,
  signal: AbortSignal,
): Controls {
  const bar = make("div", "aw-controls");
  const title = make("strong", "aw-title");
  bar.append(title);
  parent.append(bar);
  let at: Head = { layer: 0, head: 0 };
  const setLayer = stepper(bar, "Layer", (layer) => select({ ...at, layer }), signal);
  const setHead = stepper(bar, "Head", (head) => select({ ...at, head }), signal);
  const { change } = events;
  const setUnit = events.choosesUnit ? unitSwitch(bar, (unit) => change({ unit }), signal) : null;
  const setKind = events.choosesKind
    ? choice<Kind>(bar, "Kind", (kind) => change({ kind }), signal)
    : null;
  const setScale = choice<Scale>(bar, "Scale", (scale) => change({ scale }), signal);
  const setPalette = choice<Palette>(bar, "Colours", (palette) => change({ palette }), signal);
  const zooms = make("span", "aw-zoom", { role: "group", "aria-label": "Zoom" });
  zooms.append(
    button("\u2212", "Zoom out", () => zooming.by(1 / 1.6), signal),
    button("+", "Zoom in", () => zooming.by(1.6), signal),
    button("Fit", "Show all", () => zooming.fit(), signal),
  );
  return {
    bar,
    zooms,
    update(props) {
      const { layer, head, nLayers, nHeads, kind, kinds, scale, palette, held = false } = props;
      at = { layer, head };
      setText(title, held ? `\u2744 ${headName(layer, head)}` : headName(layer, head));
      setAttributes(title, { title: held ? "held pattern" : null });
      setLayer(layer, nLayers);
      setHead(head, nHeads);
      setUnit?.(props);
      setKind?.(kind, only(KINDS, kinds));
      const scales = scalesFor(kind).filter((one) => props.scales?.includes(one) ?? true);
      setScale(scales.includes(scale) ? scale : "linear", only(SCALES, scales));
      setPalette(palette, PALETTES, !isSigned(kind));
    },
  };
}
