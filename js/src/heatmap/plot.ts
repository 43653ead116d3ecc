// A pattern on canvas with its axes, zoom and pan; says which cell is under the pointer or clicked.

import {
  context2d,
  eachFrame,
  listen,
  make,
  setAttributes,
  sizeCanvas,
  watchSize,
} from "../kit/dom.ts";
import { type Cell, isNothing, NOTHING, sameCell } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { zoomable } from "../kit/zoom.ts";
import { type MotifLayerProps, motifLayer, sameLayer } from "../motifs/layer.ts";
import { hit, type Layout, type Placed } from "../pattern/layout.ts";
import { blockReady, drawCross, type MatrixData, matrixPainter } from "../pattern/matrix.ts";
import { type AxesData, drawAxes, drawFullLabel } from "./axes.ts";
import { roomFinder } from "./room.ts";

export interface PlotProps extends MatrixData, AxesData {
  readonly theme: Theme;
  readonly label: string;
  /** Another pattern is on its way: this one is shown dimmed meanwhile. */
  readonly waiting: boolean;
  readonly palette: string;
  /** Room for a legend is kept beside the colour bar, where there is any. */
  readonly legend: boolean;
}

export interface Marks {
  readonly hovered: Cell;
  readonly locked: Cell;
}

export interface PlotEvents {
  hover(cell: Cell, x: number, y: number): void;
  click(cell: Cell): void;
  key(event: KeyboardEvent): void;
  resized(layout: Layout): void;
}

export interface Plot {
  readonly element: HTMLElement;
  update(props: PlotProps): void;
  mark(marks: Marks): void;
  outline(motifs: MotifLayerProps): void;
  zoomBy(factor: number): void;
  fit(): void;
}

const FULL_CELL = 44;
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

  let props: PlotProps | null = null;
  let marks: Marks = { hovered: NOTHING, locked: NOTHING };
  let layout: Layout | null = null;
  const findRoom = roomFinder(parent, canvas);
  const paint = matrixPainter();
  let outlines: MotifLayerProps = { outlines: [], dim: null };
  const paintMotifs = motifLayer(motifs);
  let drawn: PlotProps | null = null;

  const placed = (at: Layout): Placed => {
    const { x, y, k } = zoomed.view();
    return { x: at.left + x, y: at.top + y, cell: at.cell * k };
  };

  // Drawing: the matrix only when it changed; the marks over it as often as the pointer moves.
  const drawAll: () => void = eachFrame(() => {
    if (!props || !layout) return;
    const start = performance.now();
    const at = placed(layout);
    const { block, final } = blockReady(props, layout, at);
    if (!final) drawAll();
    if (block === null) return; // the last picture stays for a few frames more
    const width = layout.left + layout.width + 18;
    const height = layout.top + layout.height + 2;
    const ratio = sizeCanvas(canvas, width, height);
    const context = context2d(canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paint(context, props, layout, at, props.theme, block);
    drawAxes(context, props, layout, at, props.theme);
    setAttributes(canvas, {
      "data-key": props.pattern.id,
      "data-origin-x": at.x,
      "data-origin-y": at.y,
      "data-cell": at.cell,
      "data-scale": props.display.scale,
      "data-palette": props.palette,
    });
    drawn = props;
    if (performance.now() - start < FIRST_HALF) drawMotifs();
    else goOnWithMotifs();
    drawMarks();
  }, signal);

  function drawMotifs(): void {
    // Outlines of a pattern that is not drawn yet wait for it.
    if (!props || !layout || drawn?.pattern !== props.pattern) return;
    const { theme, pattern } = props;
    const { nQuery, nKey } = pattern;
    const scene = { layout, placed: placed(layout), theme, nQuery, nKey };
    if (!paintMotifs(outlines, scene)) goOnWithMotifs();
  }
  const goOnWithMotifs = eachFrame(drawMotifs, signal);

  function drawMarks(): void {
    if (!props || !layout) return;
    const width = layout.left + layout.width + 18;
    const height = layout.top + layout.height + 2;
    const ratio = sizeCanvas(overlay, width, height);
    const context = context2d(overlay);
    const at = placed(layout);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const { hovered, locked } = marks;
    const { theme } = props;
    if (!isNothing(locked)) drawCross(context, locked, layout, at, theme, true);
    if (!isNothing(hovered) && !sameCell(hovered, locked)) {
      drawCross(context, hovered, layout, at, theme, false);
    }
    name(context, locked, layout, at, theme, theme.accent);
    if (!sameCell(hovered, locked)) name(context, hovered, layout, at, theme, theme.text);
  }

  function name(
    context: CanvasRenderingContext2D,
    cell: Cell,
    where: Layout,
    at: Placed,
    theme: Theme,
    color: string,
  ): void {
    if (!props) return;
    if (cell.query !== null) {
      const y = at.y + (cell.query + 0.5) * at.cell;
      if (y >= where.top && y <= where.top + where.height) {
        drawFullLabel(
          context,
          props.queryTokens[cell.query] ?? "",
          "query",
          y,
          where,
          theme,
          color,
        );
      }
    }
    if (cell.key !== null) {
      const x = at.x + (cell.key + 0.5) * at.cell;
      if (x >= where.left && x <= where.left + where.width) {
        drawFullLabel(context, props.keyTokens[cell.key] ?? "", "key", x, where, theme, color);
      }
    }
  }

  const zoomed = zoomable(area, element, drawAll, signal);

  function place(): void {
    if (!props) return;
    const { nQuery, nKey } = props.pattern;
    const { layout: next, narrow, beside } = findRoom(props, props.pattern, props.theme.font);
    parent.classList.toggle("aw-narrow", narrow);
    parent.classList.toggle("aw-beside", beside);
    const before = layout;
    layout = next;
    if (before && JSON.stringify(before) === JSON.stringify(next)) return;
    const { left, top, width, height, cell } = next;
    Object.assign(area.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
    const sameShape =
      before !== null &&
      Math.round(before.width / before.cell) === nKey &&
      Math.round(before.height / before.cell) === nQuery;
    zoomed.resize(width, height, FULL_CELL / cell, sameShape ? cell / before.cell : null);
    events.resized(next);
  }

  watchSize(
    parent,
    () => {
      place();
      drawAll();
    },
    signal,
  );

  /** Zooming without a pointer keeps what is marked in its place. */
  function pivot(): [number, number] {
    if (!layout) return [0, 0];
    const { left, top, width, height } = layout;
    const at = placed(layout);
    const within = (value: number, length: number) => Math.min(length, Math.max(0, value));
    const cell = isNothing(marks.hovered) ? marks.locked : marks.hovered;
    const middle = (start: number, index: number) => start + (index + 0.5) * at.cell;
    return [
      cell.key === null ? width / 2 : within(middle(at.x, cell.key) - left, width),
      cell.query === null ? height / 2 : within(middle(at.y, cell.query) - top, height),
    ];
  }

  // Pointer and keys.
  let pointer: { x: number; y: number } | null = null;
  const find = (x: number, y: number): Cell => {
    if (!props || !layout) return NOTHING;
    const box = element.getBoundingClientRect();
    const { nQuery, nKey } = props.pattern;
    return hit(layout, placed(layout), nQuery, nKey, x - box.left, y - box.top);
  };
  const follow = eachFrame(() => {
    if (!pointer) events.hover(NOTHING, 0, 0);
    else {
      const box = element.getBoundingClientRect();
      events.hover(find(pointer.x, pointer.y), pointer.x - box.left, pointer.y - box.top);
    }
  }, signal);
  listen(
    element,
    "pointermove",
    (event) => {
      pointer = { x: event.clientX, y: event.clientY };
      follow();
    },
    signal,
  );
  listen(
    element,
    "pointerleave",
    () => {
      pointer = null;
      follow();
    },
    signal,
  );
  listen(
    element,
    "click",
    (event) => {
      const cell = find(event.clientX, event.clientY);
      if (!isNothing(cell)) events.click(cell);
    },
    signal,
  );
  listen(element, "keydown", (event) => events.key(event), signal);

  return {
    element,
    update(next) {
      props = next;
      setAttributes(element, { "aria-label": next.label });
      element.classList.toggle("aw-waiting", next.waiting);
      place();
      drawAll();
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
    zoomBy: (factor) => zoomed.by(factor, pivot()),
    fit: zoomed.fit,
  };
}
