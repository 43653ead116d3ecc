// All heads as thumbnails on one canvas -> says which head is under the pointer or clicked.
import { type Atlas, paintThumb } from "./atlas.ts";
import { pixelOf } from "./color.ts";
import { context2d, eachFrame, listen, make, setAttributes, sizeCanvas, watchSize } from "./dom.ts";
import { type GridLayout, gridLayout, headAt } from "./grid_layout.ts";
import { headName } from "./pattern.ts";
import type { Cell, Head } from "./selection.ts";
import type { Theme } from "./theme.ts";

export interface GridProps {
  readonly atlas: Atlas;
  readonly table: Uint32Array;
  readonly theme: Theme;
  readonly label: string;
  readonly size: number;
  /** The canvas and its selection may be of an older trace while another is computed. */
  readonly selected: Head;
  readonly hovered: Head | null;
  /** Locked query and key as fractions of the axes, or null. */
  readonly locked: Cell;
}

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
}

/** With this much room the enlarged head stands beside the grid, else it lies over it. */
const DOCKED_FROM = 580;
const CARD_ROOM = 250;

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
  let props: GridProps | null = null;
  let layout: GridLayout | null = null;
  let shownHead = "";
  let drawn: { props: GridProps; layout: GridLayout } | null = null;

  function place(): void {
    if (!props) return;
    const { nLayers, nHeads } = props.atlas;
    const docked = parent.clientWidth >= DOCKED_FROM;
    parent.classList.toggle("aw-docked", docked);
    const room = Math.max(160, parent.clientWidth - (docked ? CARD_ROOM : 0));
    layout = gridLayout(nLayers, nHeads, room, props.size, globalThis.devicePixelRatio || 1);
  }

  function sameDrawing(): boolean {
    if (!drawn || !props || !layout) return false;
    const { atlas, table, theme } = drawn.props;
    return (
      atlas === props.atlas &&
      table === props.table &&
      theme === props.theme &&
      JSON.stringify(drawn.layout) === JSON.stringify(layout)
    );
  }

  const draw = eachFrame(() => {
    if (!props || !layout) return;
    if (!sameDrawing()) drawThumbs(canvas, props, layout);
    drawn = { props, layout };
    drawMarks(overlay, props, layout);
    const name = headName(props.selected.layer, props.selected.head);
    if (name !== shownHead) bringIntoSight(props.selected, layout);
    shownHead = name;
  }, signal);

  function bringIntoSight({ layer, head }: Head, { left, top, cell, gap }: GridLayout): void {
    const y = top + layer * (cell + gap);
    const x = left + head * (cell + gap);
    if (y < element.scrollTop + top) element.scrollTop = y - top;
    else if (y + cell > element.scrollTop + element.clientHeight) {
      element.scrollTop = y + cell - element.clientHeight + gap;
    }
    if (x < element.scrollLeft + left) element.scrollLeft = x - left;
    else if (x + cell > element.scrollLeft + element.clientWidth) {
      element.scrollLeft = x + cell - element.clientWidth + gap;
    }
  }

  const redraw = () => {
    place();
    draw();
  };
  watchSize(parent, redraw, signal);

  let pointer: { x: number; y: number } | null = null;
  const find = (x: number, y: number): Head | null => {
    if (!props || !layout) return null;
    const box = sheet.getBoundingClientRect();
    return headAt(layout, props.atlas.nLayers, props.atlas.nHeads, x - box.left, y - box.top);
  };
  const follow = eachFrame(() => events.hover(pointer && find(pointer.x, pointer.y)), signal);
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
    update(next) {
      props = next;
      setAttributes(element, { "aria-label": next.label });
      redraw();
    },
  };
}

function drawThumbs(canvas: HTMLCanvasElement, props: GridProps, layout: GridLayout): void {
  const { atlas, table, theme } = props;
  const { left, top, cell, gap, width, height } = layout;
  const ratio = sizeCanvas(canvas, width, height);
  const context = context2d(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const blank = pixelOf(theme.blank);
  const side = Math.round(cell * ratio);
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let layer = 0; layer < atlas.nLayers; layer++) {
    for (let head = 0; head < atlas.nHeads; head++) {
      paintThumb(atlas, layer * atlas.nHeads + head, table, blank, pixels, 0, side, side, side);
      const x = Math.round((left + head * (cell + gap)) * ratio);
      const y = Math.round((top + layer * (cell + gap)) * ratio);
      context.putImageData(image, x, y);
    }
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawLabels(context, props, layout);
  setAttributes(canvas, {
    "data-key": atlas.id,
    "data-origin-x": left,
    "data-origin-y": top,
    "data-cell": cell,
    "data-gap": gap,
  });
}

function drawLabels(
  context: CanvasRenderingContext2D,
  { atlas, theme }: GridProps,
  { left, top, cell, gap }: GridLayout,
): void {
  const pitch = cell + gap;
  const step = Math.ceil(14 / pitch);
  context.textBaseline = "middle";
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  context.textAlign = "right";
  for (let layer = 0; layer < atlas.nLayers; layer += step) {
    context.fillText(String(layer), left - 8, top + layer * pitch + cell / 2);
  }
  context.textAlign = "center";
  for (let head = 0; head < atlas.nHeads; head += step) {
    context.fillText(String(head), left + head * pitch + cell / 2, top - 10);
  }
  context.fillStyle = theme.faint;
  const right = left + atlas.nHeads * pitch - gap;
  const bottom = top + atlas.nLayers * pitch - gap;
  context.textAlign = "left";
  context.fillText("Head", Math.min(left, right), 9);
  context.save();
  context.translate(9, Math.min(top + 16, (top + bottom) / 2));
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText("Layer", 0, 0);
  context.restore();
}

function drawMarks(canvas: HTMLCanvasElement, props: GridProps, layout: GridLayout): void {
  const { left, top, cell, gap, width, height } = layout;
  const { theme, selected, hovered, locked, atlas } = props;
  const ratio = sizeCanvas(canvas, width, height);
  const context = context2d(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const corner = ({ layer, head }: Head) => [
    left + head * (cell + gap),
    top + layer * (cell + gap),
  ];
  const frame = (head: Head, color: string, line: number) => {
    const [x, y] = corner(head);
    context.strokeStyle = color;
    context.lineWidth = line;
    context.strokeRect(x - line / 2, y - line / 2, cell + line, cell + line);
  };
  if (selected.layer < atlas.nLayers && selected.head < atlas.nHeads) {
    const [x, y] = corner(selected);
    drawLocked(context, locked, x, y, cell, theme);
    frame(selected, theme.accent, 2);
    for (const [text, tx, ty, align] of [
      [selected.layer, left - 8, y + cell / 2, "right"],
      [selected.head, x + cell / 2, top - 10, "center"],
    ] as const) {
      context.font = `700 11px ${theme.font}`;
      context.textBaseline = "middle";
      context.textAlign = align;
      const wide = context.measureText(String(text)).width + 6;
      context.fillStyle = theme.background;
      context.fillRect(align === "right" ? tx - wide + 3 : tx - wide / 2, ty - 8, wide, 16);
      context.fillStyle = theme.accent;
      context.fillText(String(text), tx, ty);
    }
  }
  if (hovered) frame(hovered, theme.cross, 1.5);
}

/** Thin lines where the locked query and key lie in a thumbnail. */
export function drawLocked(
  context: CanvasRenderingContext2D,
  { query, key }: Cell,
  x: number,
  y: number,
  side: number,
  theme: Theme,
): void {
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.8;
  if (query !== null) context.fillRect(x, y + query * side - 0.5, side, 1);
  if (key !== null) context.fillRect(x + key * side - 0.5, y, 1, side);
  context.globalAlpha = 1;
}
