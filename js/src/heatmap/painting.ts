// A heatmap's props and where the pointer is -> plot, tooltip, colour bar, legend, strips and readout.

import { make } from "../kit/dom.ts";
import { eachFrame } from "../kit/frames.ts";
import { barLabel, KIND_PHRASES } from "../kit/names.ts";
import * as selection from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { layerProps } from "../motifs/layer.ts";
import { legendView } from "../motifs/legend.ts";
import { colorsFor, colorTable, ramp } from "../pattern/color.ts";
import { colorbar } from "../pattern/colorbar.ts";
import type { Layout } from "../pattern/layout.ts";
import { headName, type Pattern } from "../pattern/pattern.ts";
import { type Display, displayOf } from "../pattern/scale.ts";
import { type Plot, plotView } from "./plot.ts";
import type { Pointing } from "./pointing.ts";
import type { HeatmapEvents, HeatmapProps, Picture } from "./props.ts";
import { AXIS_OF, readoutView, tooltip } from "./readout.ts";
import { stripsView } from "./strips.ts";

/** Height of the zoom buttons above the colour bar where they stand in a column. */
const ZOOM_TALL = 90;
const HINT = "Point at a cell to read it; click to lock it";

export interface Painting {
  readonly plot: Plot;
  /** All that is drawn, with what explains it. */
  readonly figure: HTMLElement;
  update(props: HeatmapProps): void;
  /** Only what follows the pointer, once a frame. */
  follow(props: HeatmapProps | null): void;
}

export function heatmapPainting(
  parent: HTMLElement,
  zooms: HTMLElement,
  tools: HTMLElement,
  pointing: Pointing,
  events: HeatmapEvents,
  theme: () => Theme,
  signal: AbortSignal,
): Painting {
  let props: HeatmapProps | null = null;
  let layout: Layout | null = null;
  let dimmed: string | null = null;
  const table = tableCache();
  const detail = events.long?.detail;

  const setStrips = stripsView(
    parent,
    tools,
    {
      mode: (strip) => events.change({ strip }),
      hover: (cell) => pointing.hover(cell, null),
      click: pointing.lock,
    },
    signal,
    events.long?.strips,
  );
  const figure = make("div", "aw-figure");
  parent.append(figure);
  const plot: Plot = plotView(
    figure,
    {
      hover: (cell, x, y) => pointing.hover(cell, selection.isNothing(cell) ? null : { x, y }),
      click: pointing.lock,
      key: pointing.key,
      switches: events.choosesUnit,
      wants: (pattern, tiles) => detail?.want(figure, pattern, tiles),
      resized(next) {
        layout = next;
        drawBar();
      },
    },
    signal,
  );
  const empty = make("div", "aw-empty", {}, "Waiting for the first pattern\u2026");
  figure.append(empty);
  const tip = tooltip(plot.element);
  const side = make("div", "aw-side", {}, zooms);
  figure.append(side);
  const setBar = colorbar(side);
  const setLegend = legendView(
    figure,
    {
      overlays: (overlays) => events.change({ overlays }),
      dim(name) {
        dimmed = name;
        drawMotifs();
      },
    },
    signal,
  );
  const setReadout = readoutView(parent);

  function drawPointed(): void {
    const picture = props?.picture;
    if (!props || !picture) return;
    const { pattern } = picture;
    const locked = selection.within(props.locked, pattern.nQuery, pattern.nKey);
    const pointed = selection.pointed(pointing.hovered(), props.hovered ?? selection.NOTHING);
    const over = selection.within(pointed, pattern.nQuery, pattern.nKey);
    const display = displayOf(pattern, props.scale);
    const data = { ...picture, display, detail, axis: AXIS_OF[props.strip] };
    const spot = pointing.spot();
    plot.mark({ hovered: over, locked });
    setReadout(data, selection.pointed(over, locked), HINT);
    tip(data, spot ? over : selection.NOTHING, spot?.x ?? 0, spot?.y ?? 0);
    const colors = ramp(colorsFor(pattern.kind, props.palette), theme().dark);
    setStrips({ ...data, mode: props.strip, hovered: over, locked, colors });
  }
  const follow = eachFrame(drawPointed, signal);
  detail?.onChange(() => {
    plot.redraw();
    follow();
  }, signal);
  signal.addEventListener("abort", () => detail?.forget(figure), { once: true });

  function drawMotifs(): void {
    if (!props?.picture) return;
    plot.outline(layerProps(props.picture.pattern, props.motifs, props.overlays, dimmed));
  }

  function drawBar(): void {
    if (!props?.picture || !layout) return;
    const { pattern } = props.picture;
    const display = displayOf(pattern, props.scale);
    setBar({
      colors: ramp(colorsFor(pattern.kind, props.palette), theme().dark),
      display,
      label: barLabel(pattern.kind, display.scale),
      top: Math.max(layout.top, figure.classList.contains("aw-narrow") ? ZOOM_TALL : 0),
      height: Math.min(layout.height, 260),
    });
  }

  return {
    plot,
    figure,
    follow(next) {
      props = next;
      follow();
    },
    update(next) {
      props = next;
      const { picture, palette } = next;
      setLegend(next);
      empty.hidden = picture !== null || next.error !== "";
      if (!picture) return;
      const { pattern } = picture;
      const display = displayOf(pattern, next.scale);
      const colors = ramp(colorsFor(pattern.kind, palette), theme().dark);
      const name = headName(pattern.layer, pattern.head);
      plot.update({
        ...picture,
        display,
        table: table(pattern, display, colors),
        finer: detail?.finer(pattern, (of) => table(of, display, colors)),
        theme: theme(),
        palette: colorsFor(pattern.kind, palette),
        waiting: next.waiting,
        legend: next.motifs !== null,
        label: `${KIND_PHRASES[pattern.kind]} of ${name}, ${pattern.nQuery} by ${pattern.nKey} ${picture.unit}s${generated(picture)}`,
      });
      drawMotifs();
      drawBar();
      drawPointed();
    },
  };
}

const generated = ({ generatedFrom }: Picture): string =>
  generatedFrom === null ? "" : `, generated from position ${generatedFrom}`;

type Coded = Pick<Pattern, "offset" | "step" | "masked">;
/** Tiles of scores have each their own: a table is 256 kB. */
const MOST_TABLES = 32;

/** Colour tables are made again only when something they depend on became another. */
function tableCache(): (of: Coded, display: Display, colors: Uint32Array) => Uint32Array {
  const tables = new Map<string, Uint32Array>();
  let of: Uint32Array | null = null;
  return ({ offset, step, masked }, display, colors) => {
    if (of !== colors || tables.size > MOST_TABLES) tables.clear();
    of = colors;
    const { scale, low, high, rows } = display;
    const key = [offset, step, masked, scale, low, high, rows !== null].join();
    const table = tables.get(key) ?? colorTable({ offset, step, masked }, display, colors);
    tables.set(key, table);
    return table;
  };
}
