// One head's pattern with everything around it: controls, prompt, token strip, plot, colour bar, readout.

import { changedOnly } from "../kit/changed.ts";
import { colorbar } from "../kit/colorbar.ts";
import { button, choice, stepper } from "../kit/controls.ts";
import { eachFrame, make, setAttributes, setText } from "../kit/dom.ts";
import { actionOf } from "../kit/keyboard.ts";
import { barLabel, KIND_PHRASES, KINDS, only, PALETTES, SCALES } from "../kit/names.ts";
import { promptEditor } from "../kit/prompt.ts";
import * as selection from "../kit/selection.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { layerProps } from "../motifs/layer.ts";
import { legendView } from "../motifs/legend.ts";
import type { Motifs } from "../motifs/motifs.ts";
import { colorsFor, colorTable, ramp } from "../pattern/color.ts";
import type { Layout } from "../pattern/layout.ts";
import { headName, isSigned, type Pattern } from "../pattern/pattern.ts";
import { type Display, displayOf, scalesFor } from "../pattern/scale.ts";
import type { Kind, Palette, Scale, StripMode } from "../pattern/traits.ts";
import { type Plot, plotView } from "./plot.ts";
import { read, readingText, readoutView, tooltip } from "./readout.ts";
import { stripsView } from "./strips.ts";

/** A pattern with the tokens it was made of. */
export interface Picture {
  readonly pattern: Pattern;
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
}

export interface HeatmapProps {
  readonly picture: Picture | null;
  /** The picture is an older one; the wanted one is on its way. */
  readonly waiting: boolean;
  readonly layer: number;
  readonly head: number;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly locked: selection.Cell;
  /** Where the pointer is in a widget that this one is linked with. */
  readonly hovered?: selection.Cell;
  readonly kind: Kind;
  readonly kinds: readonly Kind[];
  /** The pattern was not made by this run but held from another one. */
  readonly held?: boolean;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly strip: StripMode;
  readonly motifs: Motifs | null;
  readonly overlays: readonly string[];
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
  readonly editable: boolean;
  readonly prompt: string;
}

export interface HeatmapEvents {
  select(head: selection.Head): void;
  lock(cell: selection.Cell): void;
  hover?(cell: selection.Cell): void;
  /** Left out where the kind is chosen elsewhere. */
  kind?(kind: Kind): void;
  scale(scale: Scale): void;
  palette(palette: Palette): void;
  strip(mode: StripMode): void;
  overlays(names: string[]): void;
  run(prompt: string): void;
}

/** Height of the zoom buttons above the colour bar where they stand in a column. */
const ZOOM_TALL = 90;
const HINT = "Point at a cell to read it; click to lock it";

export function heatmapView(
  parent: HTMLElement,
  events: HeatmapEvents,
  signal: AbortSignal,
): (props: HeatmapProps) => void {
  // Notebooks have single-key shortcuts of their own: this attribute keeps JupyterLab's away.
  const root = make("div", "aw-root aw-heatmap", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const body = make("div", "aw-body");
  root.append(body);
  const status = statusView(root, signal);

  let props: HeatmapProps | null = null;
  let hovered: selection.Cell = selection.NOTHING;
  let pointer: { x: number; y: number } | null = null;
  let layout: Layout | null = null;

  // Controls
  const bar = make("div", "aw-controls");
  const title = make("strong", "aw-title");
  bar.append(title);
  const setLayer = stepper(
    bar,
    "Layer",
    (layer) => selectHead({ layer, head: props!.head }),
    signal,
  );
  const setHead = stepper(bar, "Head", (head) => selectHead({ layer: props!.layer, head }), signal);
  const setKind = events.kind && choice<Kind>(bar, "Kind", events.kind, signal);
  const setScale = choice<Scale>(bar, "Scale", events.scale, signal);
  const setPalette = choice<Palette>(bar, "Colours", events.palette, signal);
  const zooms = make("span", "aw-zoom", { role: "group", "aria-label": "Zoom" });
  zooms.append(
    button("\u2212", "Zoom out", () => plot.zoomBy(1 / 1.6), signal),
    button("+", "Zoom in", () => plot.zoomBy(1.6), signal),
    button("Fit", "Show all", () => plot.fit(), signal),
  );
  body.append(bar);
  const setPrompt = promptEditor(body, events.run, signal);

  const setStrips = stripsView(
    body,
    { mode: events.strip, hover: (cell) => setHovered(cell, null), click: lock },
    signal,
  );

  // Plot, colour bar, readout
  const figure = make("div", "aw-figure");
  body.append(figure);
  const empty = make("div", "aw-empty", {}, "Waiting for the first pattern\u2026");
  const plot: Plot = plotView(
    figure,
    {
      hover: (cell, x, y) => setHovered(cell, selection.isNothing(cell) ? null : { x, y }),
      click: (cell) => lock(cell),
      key: onKey,
      resized(next) {
        layout = next;
        drawBar();
      },
    },
    signal,
  );
  figure.append(empty);
  const tip = tooltip(plot.element);
  const side = make("div", "aw-side", {}, zooms);
  figure.append(side);
  const setBar = colorbar(side);
  let dimmed: string | null = null;
  const setLegend = legendView(
    figure,
    {
      overlays: events.overlays,
      dim(name) {
        dimmed = name;
        drawMotifs();
      },
    },
    signal,
  );
  const setReadout = readoutView(body);

  function selectHead(head: selection.Head): void {
    if (!props) return;
    const next = selection.clampHead(head, props.nLayers, props.nHeads);
    if (next.layer !== props.layer || next.head !== props.head) events.select(next);
  }

  function lock(cell: selection.Cell): void {
    if (props) events.lock(selection.toggleLock(props.locked, cell));
  }

  function setHovered(cell: selection.Cell, at: { x: number; y: number } | null): void {
    pointer = at;
    if (selection.sameCell(cell, hovered) && at === null) return;
    const moved = !selection.sameCell(cell, hovered);
    hovered = cell;
    if (moved) events.hover?.(cell);
    followPointer();
  }

  function onKey(event: KeyboardEvent): void {
    const action = actionOf(event);
    if (!action || !props?.picture) return;
    const { nQuery, nKey } = props.picture.pattern;
    const { nLayers, nHeads, locked } = props;
    if (action.do === "unlock" && selection.isNothing(locked) && selection.isNothing(hovered))
      return;
    event.preventDefault();
    event.stopPropagation();
    if (action.do === "head") selectHead(selection.stepHead(props, action.by, nLayers, nHeads));
    else if (action.do === "layer") selectHead(selection.stepLayer(props, action.by, nLayers));
    else if (action.do === "zoom") plot.zoomBy(action.by);
    else if (action.do === "fit") plot.fit();
    else if (action.do === "lock") {
      if (!selection.isNothing(hovered)) lock(hovered);
    } else if (action.do === "unlock") {
      setHovered(selection.NOTHING, null);
      if (!selection.isNothing(locked)) events.lock(selection.NOTHING);
    } else {
      const from = selection.pointed(hovered, locked);
      setHovered(selection.moveCell(from, action.down, action.right, nQuery, nKey), null);
    }
  }

  // What follows the pointer, once a frame.
  const followPointer = eachFrame(() => drawPointed(), signal);

  function drawPointed(): void {
    const picture = props?.picture;
    if (!props || !picture) return;
    const { pattern } = picture;
    const locked = selection.within(props.locked, pattern.nQuery, pattern.nKey);
    const pointed = selection.pointed(hovered, props.hovered ?? selection.NOTHING);
    const over = selection.within(pointed, pattern.nQuery, pattern.nKey);
    const display = displayOf(pattern, props.scale);
    const data = { ...picture, display };
    plot.mark({ hovered: over, locked });
    setReadout(data, selection.pointed(over, locked), HINT);
    tip(data, pointer ? over : selection.NOTHING, pointer?.x ?? 0, pointer?.y ?? 0);
    const colors = ramp(colorsFor(pattern.kind, props.palette), theme().dark);
    setStrips({ ...data, mode: props.strip, hovered: over, locked, colors });
  }

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

  const table = tableCache();
  let announced = "";

  function refresh(): void {
    if (!props) return;
    const { picture, layer, head, kind, scale, palette, held = false } = props;
    setText(title, held ? `\u2744 ${headName(layer, head)}` : headName(layer, head));
    setAttributes(title, { title: held ? "held pattern" : null });
    root.classList.toggle("aw-held", held);
    setLayer(layer, props.nLayers);
    setHead(head, props.nHeads);
    setKind?.(kind, only(KINDS, props.kinds));
    setScale(scalesFor(kind).includes(scale) ? scale : "linear", only(SCALES, scalesFor(kind)));
    setPalette(palette, PALETTES, !isSigned(kind));
    setPrompt(props);
    status.update(props);
    setLegend(props);
    root.classList.toggle("aw-has-picture", picture !== null);
    empty.hidden = picture !== null || props.error !== "";
    if (!picture) return;
    const { pattern } = picture;
    const display = displayOf(pattern, scale);
    const colors = ramp(colorsFor(pattern.kind, palette), theme().dark);
    const name = headName(pattern.layer, pattern.head);
    plot.update({
      ...picture,
      display,
      table: table(pattern, display, colors),
      theme: theme(),
      palette: colorsFor(pattern.kind, palette),
      waiting: props.waiting,
      legend: props.motifs !== null,
      label: `${KIND_PHRASES[pattern.kind]} of ${name}, ${pattern.nQuery} by ${pattern.nKey} tokens`,
    });
    drawMotifs();
    drawBar();
    drawPointed();
    const reading = read({ ...picture, display }, props.locked);
    const say = reading
      ? `${name}. Locked: ${readingText({ ...picture, display }, reading)}`
      : name;
    if (say !== announced && announced !== "") status.announce(say);
    announced = say;
  }

  return (next) => {
    const before = props;
    props = next;
    if (!changedOnly(before, next, "hovered")) return refresh();
    // A crosshair left here by the keyboard yields to a pointer elsewhere.
    if (!pointer && next.hovered && !selection.isNothing(next.hovered)) hovered = selection.NOTHING;
    followPointer();
  };
}

/** The colour table is made again only when something it depends on became another. */
function tableCache(): (pattern: Pattern, display: Display, colors: Uint32Array) => Uint32Array {
  let last: { key: string; colors: Uint32Array; table: Uint32Array } | null = null;
  return (pattern, display, colors) => {
    const { offset, step, masked } = pattern;
    const { scale, low, high, rows } = display;
    const key = [offset, step, masked, scale, low, high, rows !== null].join();
    if (last?.key !== key || last.colors !== colors) {
      last = { key, colors, table: colorTable(pattern, display, colors) };
    }
    return last.table;
  };
}
