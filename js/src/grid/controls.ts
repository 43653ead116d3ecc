// The row above the grid: the current head's name, scale, colours, size of the thumbnails.
import { button, choice } from "../kit/controls.ts";
import { make, setText } from "../kit/dom.ts";
import { only, PALETTES, type Palette, SCALES, type Scale } from "../kit/names.ts";
import { unitSwitch } from "../kit/unit_switch.ts";
import { headName } from "../pattern/pattern.ts";
import { LARGEST_THUMB, type Layers, SMALLEST_THUMB } from "./layout.ts";
import type { HeadGridEvents, HeadGridProps } from "./props.ts";

export interface Controls {
  readonly bar: HTMLElement;
  update(props: HeadGridProps): void;
  /** Thumbnails were drawn, at a size that fits (`fitted`) or was asked for. */
  sized(fitted: boolean): void;
  resize(factor: number): void;
}

const LAYERS: readonly { value: Layers; label: string }[] = [
  { value: "auto", label: "As fits" },
  { value: "down", label: "Down" },
  { value: "across", label: "Across" },
];
const GRID_SCALES = SCALES.filter(({ value }) => value !== "row_max");

export function gridControls(
  parent: HTMLElement,
  { change }: Pick<HeadGridEvents, "change">,
  /** Of a thumbnail, as it is drawn now. */
  size: () => number,
  signal: AbortSignal,
): Controls {
  const bar = make("div", "aw-controls");
  const title = make("strong", "aw-title");
  bar.append(title);
  const setUnit = unitSwitch(bar, (unit) => change({ unit }), signal);
  const setScale = choice<Scale>(bar, "Scale", (scale) => change({ scale }), signal);
  const setPalette = choice<Palette>(bar, "Colours", (palette) => change({ palette }), signal);
  const setLayers = choice<Layers>(bar, "Layers", (layers) => change({ layers }), signal);
  const sizes = make("span", "aw-zoom", { role: "group", "aria-label": "Thumbnail size" });
  const resize = (factor: number) => {
    const next = Math.round(size() * factor);
    change({ cell_size: Math.min(LARGEST_THUMB, Math.max(SMALLEST_THUMB, next)) });
  };
  const smaller = button("\u2212", "Smaller thumbnails", () => resize(1 / 1.3), signal);
  const larger = button("+", "Larger thumbnails", () => resize(1.3), signal);
  const fit = button("Fit", "Thumbnails that fit", () => change({ cell_size: 0 }), signal);
  sizes.append(smaller, larger, fit);
  bar.append(make("span", "aw-field", {}, make("span", "aw-label", {}, "Size"), sizes));
  parent.append(bar);
  return {
    bar,
    resize,
    update(props) {
      const { layer, head, scale, scales, palette } = props;
      setUnit(props);
      setText(title, headName(layer, head));
      setScale(scale, only(GRID_SCALES, scales));
      setPalette(palette, PALETTES);
      setLayers(props.layers, LAYERS, props.sortBy === "");
    },
    sized(fitted) {
      smaller.disabled = size() <= SMALLEST_THUMB;
      larger.disabled = size() >= LARGEST_THUMB;
      fit.disabled = fitted;
    },
  };
}
