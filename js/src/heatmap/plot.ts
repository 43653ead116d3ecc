// A pattern on canvas with its axes, zoom and pan; says which cell is under the pointer or clicked.

import { sameBut } from "../kit/changed.ts";
import { context2d, make, setAttributes, sizeCanvas, watchSize } from "../kit/dom.ts";
import { eachFrame, nextFrame } from "../kit/frames.ts";
import { describeKeys } from "../kit/keyboard.ts";
import { type Cell, NOTHING } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { waitingMark } from "../kit/waiting.ts";
import { type MotifLayerProps, motifLayer, sameLayer } from "../motifs/layer.ts";
import { type AxesData, drawAxes } from "../pattern/axes.ts";
import type { TileId } from "../pattern/finer.ts";
import { hit, type Layout } from "../pattern/layout.ts";
import { blockReady, type MatrixData, matrixPainter } from "../pattern/matrix.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { drawPlotMarks, type Marks, plotSize } from "../pattern/plot_marks.ts";
import { type PlotPointerEvents, plotPointer } from "../pattern/plot_pointer.ts";
import { plotPlace } from "./plot_place.ts";

export interface PlotProps extends MatrixData, AxesData {
  readonly theme: Theme;
  readonly label: string;
  /** Another pattern is on its way: this one is shown dimmed meanwhile. */
  readonly waiting: boolean;
  readonly palette: string;
  /** Room for a legend is kept beside the colour bar, where there is any. */
  readonly legend: boolean;
}

export interface PlotEvents extends PlotPointerEvents {
  resized(layout: Layout): void;
  /** The finer parts of a pooled pattern that could be seen now. */
  wants(pattern: Pattern, tiles: readonly TileId[]): void;
  /** Whether a key switches between tokens and words. */
  readonly switches: boolean;
}

export interface Plot {
  readonly element: HTMLElement;
  update(props: PlotProps): void;
  mark(marks: Marks): void;
  outline(motifs: MotifLayerProps): void;
  /** Finer parts came. */
  redraw(): void;
  zoomBy(factor: number): void;
  fit(): void;
  reveal(cell: Cell): void;
}

/** A frame that took longer than this for the pattern leaves the motifs to the next one. In ms. */
const FIRST_HALF = 6;

export function plotView(parent: HTMLElement, events: PlotEvents, signal: AbortSignal): Plot {
  const canvas = make("canvas", "aw-heatmap-canvas", { "aria-hidden": "true" });
  const motifs = make("canvas", "aw-motif-canvas", { "aria-hidden": "true", hidden: true });
  const overlay = make("canvas", "aw-overlay", { "aria-hidden": "true" });
  const area = make("div", "aw-plot-area");
  const element = make(
    "div",
    "aw-plot",
    { tabindex: 0, role: "application", "aria-roledescription": "attention heatmap" },
    canvas,
    motifs,
    overlay,
    area,
  );
  parent.append(element);
  describeKeys(element, {
    head: "previous or next head",
    layer: "layer above or below",
    ...(events.switches && { unit: "words or tokens" }),
    move: "move the crosshair",
    lock: "lock the cell",
    unlock: "unlock",
    zoom: "zoom",
    fit: "show all",
  });

  const setWaiting = waitingMark(element, signal);
  let props: PlotProps | null = null;
  let marks: Marks = { hovered: NOTHING, locked: NOTHING };
  const paint = matrixPainter();
  let outlines: MotifLayerProps = { outlines: [], dim: null };
  const paintMotifs = motifLayer(motifs);
  let drawn: PlotProps | null = null;

  // Drawing: the matrix only when it changed; the marks over it as often as the pointer moves.
  const drawAll: () => void = eachFrame(() => {
    const layout = layoutNow();
    if (!props || !layout) return;
    const start = performance.now();
    const at = placed(layout);
    const { block, final } = blockReady(props, layout, at);
    if (!final) drawAll();
    if (block === null) return; // the last picture stays for a few frames more
    const [width, height] = plotSize(layout);
    const ratio = sizeCanvas(canvas, width, height);
    const context = context2d(canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const { tiles, ...level } = paint(context, props, layout, at, props.theme, block);
    events.wants(props.pattern, tiles);
    drawAxes(context, props, layout, at, props.theme);
    setAttributes(canvas, {
      "data-key": props.pattern.id,
      "data-origin-x": at.x,
      "data-origin-y": at.y,
      "data-cell": at.cell,
      "data-block": level.block,
      "data-missing": level.missing || null,
      "data-scale": props.display.scale,
      "data-palette": props.palette,
    });
    drawn = props;
    if (performance.now() - start < FIRST_HALF) drawMotifs();
    else goOnWithMotifs();
    drawMarks();
  }, signal);

  function drawMotifs(): void {
    const layout = layoutNow();
    // Outlines of a pattern that is not drawn yet wait for it.
    if (!props || !layout || drawn?.pattern !== props.pattern) return;
    const { theme, pattern } = props;
    const { nQuery, nKey } = pattern;
    const scene = { layout, placed: placed(layout), theme, nQuery, nKey };
    if (!paintMotifs(outlines, scene)) goOnWithMotifs();
  }
  const goOnWithMotifs = nextFrame(drawMotifs, signal);

  let marked: unknown[] = [];
  function drawMarks(): void {
    const layout = layoutNow();
    if (!props || !layout) return;
    const at = placed(layout);
    const { hovered, locked } = marks;
    const where = [...Object.values({ ...at, ...hovered }), ...Object.values(locked)];
    const now = [...where, layout, props.theme, props.queryTokens, props.keyTokens];
    if (now.length === marked.length && now.every((value, i) => value === marked[i])) return;
    marked = now;
    drawPlotMarks(overlay, marks, props, layout, at, props.theme);
  }

  const {
    layout: layoutNow,
    placed,
    ...place
  } = plotPlace(
    parent,
    element,
    area,
    canvas,
    { zoomed: drawAll, resized: events.resized },
    signal,
  );

  watchSize(
    parent,
    () => {
      // it is told of the first size as well, which the first picture has
      const room = layoutNow();
      if (props) place.update(props);
      if (layoutNow() !== room) drawAll();
    },
    signal,
  );

  plotPointer(
    element,
    (x, y) => {
      const layout = layoutNow();
      if (!props || !layout) return NOTHING;
      const { nQuery, nKey } = props.pattern;
      return hit(layout, placed(layout), nQuery, nKey, x, y);
    },
    events,
    signal,
  );

  return {
    element,
    update(next) {
      const [before, room] = [props, layoutNow()];
      props = next;
      setAttributes(element, { "aria-label": next.label });
      setWaiting(next.waiting);
      place.update(next);
      // while another is on its way nothing is drawn: what a frame costs delays the one with the answer
      if (!sameBut(before, next, "label", "waiting") || layoutNow() !== room) drawAll();
    },
    mark(next) {
      marks = next;
      drawMarks();
    },
    outline(next) {
      if (sameLayer(next, outlines)) return;
      outlines = next;
      goOnWithMotifs();
    },
    redraw: drawAll,
    zoomBy: (factor) => place.zoomBy(factor, marks),
    fit: place.fit,
    reveal: place.reveal,
  };
}
