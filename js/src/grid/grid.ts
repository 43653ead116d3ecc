// All heads as thumbnails on one canvas -> says which head is under the pointer or clicked.

import { listen, make, setAttributes, watchSize } from "../kit/dom.ts";
import { eachFrame, eachMove } from "../kit/frames.ts";
import { describeKeys } from "../kit/keyboard.ts";
import type { Head } from "../kit/selection.ts";
import { headName } from "../pattern/pattern.ts";
import { drawMarks, drawThumbs, type GridProps } from "./draw.ts";
import { placeIn } from "./head_marks.ts";
import { cornerOf, type GridLayout, gridLayout, placeAt, sortedLayout, spotOf } from "./layout.ts";

export interface GridEvents {
  hover(head: Head | null): void;
  click(head: Head): void;
  key(event: KeyboardEvent): void;
}

export interface Grid {
  readonly element: HTMLElement;
  update(props: GridProps): void;
  /** The size of a thumbnail as it is drawn now. */
  size(): number;
  columns(): number;
  /** Whether layers lie side by side. */
  across(): boolean;
  /** Whether a place is in the right half. */
  onTheRight(place: number): boolean;
}

/** With this much room the enlarged head stands beside the grid, else it lies over it. */
const DOCKED_FROM = 580;
const PREVIEW_ROOM = 250;

export function gridView(parent: HTMLElement, events: GridEvents, signal: AbortSignal): Grid {
  const canvas = make("canvas", "aw-grid-canvas", { "aria-hidden": "true" });
  const overlay = make("canvas", "aw-overlay", { "aria-hidden": "true" });
  const sheet = make("div", "aw-sheet", {}, canvas, overlay);
  const element = make(
    "div",
    "aw-grid",
    { tabindex: 0, role: "application", "aria-roledescription": "grid of heads" },
    sheet,
  );
  parent.append(element);
  describeKeys(element, {
    head: "head to the left or right",
    layer: "head above or below",
    unit: "words or tokens",
    unlock: "unlock",
    zoom: "size of the pictures",
    fit: "pictures that fit",
  });
  let props: GridProps | null = null;
  let layout: GridLayout | null = null;
  let shownHead = "";
  let drawn: { props: GridProps; layout: GridLayout } | null = null;

  function place(): void {
    if (!props) return;
    const { nLayers, nHeads } = props.atlas;
    const docked = parent.clientWidth >= DOCKED_FROM;
    parent.classList.toggle("aw-docked", docked);
    const room = Math.max(160, parent.clientWidth - (docked ? PREVIEW_ROOM : 0));
    const ratio = globalThis.devicePixelRatio || 1;
    const { heads, sorted } = props.marks;
    layout = sorted
      ? sortedLayout(heads.length, room, props.size, ratio)
      : gridLayout(nLayers, nHeads, room, props.size, ratio, props.layers);
  }

  function sameDrawing(): boolean {
    if (!drawn || !props || !layout) return false;
    const { atlas, table, theme, marks } = drawn.props;
    return (
      marks === props.marks &&
      atlas === props.atlas &&
      table === props.table &&
      theme === props.theme &&
      JSON.stringify(drawn.layout) === JSON.stringify(layout)
    );
  }

  const draw = eachFrame(() => {
    if (!props || !layout) return;
    if (!sameDrawing()) {
      drawThumbs(canvas, props, layout);
      setAttributes(canvas, dataOf(props, layout));
    }
    drawn = { props, layout };
    drawMarks(overlay, props, layout);
    const name = headName(props.selected.layer, props.selected.head);
    const place = placeIn(props.marks.heads, props.selected);
    const shown = `${name} ${place}`;
    if (shown !== shownHead && place >= 0) bringIntoSight(place, layout);
    shownHead = shown;
  }, signal);

  function bringIntoSight(place: number, at: GridLayout): void {
    const { left, top, cell, gap } = at;
    const [x, y] = cornerOf(at, place);
    if (y < element.scrollTop + top) element.scrollTop = y - top;
    else if (y + cell > element.scrollTop + element.clientHeight) {
      element.scrollTop = y + cell - element.clientHeight + gap;
    }
    if (x < element.scrollLeft + left) element.scrollLeft = x - left;
    else if (x + cell > element.scrollLeft + element.clientWidth) {
      element.scrollLeft = x + cell - element.clientWidth + gap;
    }
  }

  watchSize(
    parent,
    () => {
      // it is told of the first size as well, which the first picture has
      const before = JSON.stringify(layout);
      place();
      if (JSON.stringify(layout) !== before) draw();
    },
    signal,
  );

  let pointer: { x: number; y: number } | null = null;
  const find = (x: number, y: number): Head | null => {
    if (!props || !layout) return null;
    const box = sheet.getBoundingClientRect();
    const place = placeAt(layout, x - box.left, y - box.top);
    return place === null ? null : (props.marks.heads[place] ?? null);
  };
  const follow = eachMove(() => events.hover(pointer && find(pointer.x, pointer.y)), signal);
  const track = (at: { x: number; y: number } | null) => {
    pointer = at;
    follow();
  };
  listen(sheet, "pointermove", (event) => track({ x: event.clientX, y: event.clientY }), signal);
  listen(sheet, "pointerleave", () => track(null), signal);
  listen(
    sheet,
    "click",
    (event) => {
      const head = find(event.clientX, event.clientY);
      if (head) events.click(head);
    },
    signal,
  );
  listen(element, "keydown", (event) => events.key(event), signal);

  return {
    element,
    size: () => layout?.cell ?? 0,
    columns: () => layout?.columns ?? 1,
    across: () => layout?.across ?? false,
    onTheRight: (place) => layout !== null && spotOf(layout, place)[0] >= layout.columns / 2,
    update(next) {
      props = next;
      setAttributes(element, { "aria-label": next.label });
      place();
      draw();
    },
  };
}

/** Enough to find any thumbnail from outside; the order of sorted heads up to 400 of them. */
function dataOf({ atlas, marks, asked }: GridProps, layout: GridLayout) {
  const order = marks.heads.slice(0, 400).map(({ layer, head }) => headName(layer, head));
  return {
    "data-key": atlas.id,
    "data-origin-x": layout.left,
    "data-origin-y": layout.top,
    "data-cell": layout.cell,
    "data-gap": layout.gap,
    "data-step-x": layout.stepX,
    "data-step-y": layout.stepY,
    "data-columns": layout.columns,
    "data-layers": layout.across ? "across" : "down",
    "data-motif": asked.motif,
    "data-sort": asked.sortBy,
    "data-order": order.join(),
  };
}
