// A pattern in its colours, and the marks that lie over it -> drawn on a canvas.
import { context2d } from "../kit/dom.ts";
import type { Cell } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import type { FinerParts, Sight, TileId } from "./finer.ts";
import { blockFor, type Layout, type Placed, visible } from "./layout.ts";
import { blocksOf, type Pattern, type Run } from "./pattern.ts";
import { nearestBlock, pool } from "./pool.ts";
import { paintWindow, type Window } from "./raster.ts";
import type { Display } from "./scale.ts";

export interface MatrixData {
  readonly pattern: Pattern;
  readonly display: Display;
  readonly table: Uint32Array;
  /** Finer parts of a pooled pattern, as far as they are here. */
  readonly finer?: FinerParts | undefined;
}

/** How long one frame may work on a pattern that is seen for the first time, in ms. */
const BUDGET = 5;

/** A pooled pattern's blocks as the cells of a matrix. */
function inBlocks(data: MatrixData, placed: Placed): { data: MatrixData; placed: Placed } {
  const { pattern, display } = data;
  const { block } = pattern;
  if (block === 1) return { data, placed };
  const whole = ([from, to]: Run): Run => [
    Math.ceil(from / block),
    to === pattern.nQuery ? Math.ceil(to / block) : Math.floor(to / block),
  ];
  const undefinedRows = display.undefinedRows.map(whole).filter(([from, to]) => from < to);
  return {
    data: {
      ...data,
      pattern: blocksOf(pattern),
      display: { ...display, undefinedRows, skipFirst: false },
    },
    placed: { ...placed, cell: placed.cell * block },
  };
}

/** The cells in sight. */
function sightOf(
  { nQuery, nKey }: Pick<Pattern, "nQuery" | "nKey">,
  { left, top, width, height }: Layout,
  placed: Placed,
): Sight {
  const [k0, k1] = visible(placed.x, placed.cell, left, width, nKey);
  const [q0, q1] = visible(placed.y, placed.cell, top, height, nQuery);
  return { q0, q1, k0, k1 };
}

/** The level that is drawn, the parts it is made of, and how many of those are drawn coarser. */
export interface Drawn {
  readonly block: number;
  readonly tiles: readonly TileId[];
  readonly missing: number;
}

/**
 * The size of blocks to draw now: the one that suits the screen, or while that is still being made the
 * nearest one there is, or null.
 */
export function blockReady(
  of: MatrixData,
  layout: Layout,
  at: Placed,
): { block: number | null; final: boolean } {
  const { data, placed } = inBlocks(of, at);
  const { pattern, display } = data;
  const wanted = blockFor(placed.cell, layout.ratio);
  if (wanted === 1) return { block: 1, final: true };
  const level = pool(pattern, display, wanted, BUDGET);
  if (level.done === pattern.nQuery) return { block: wanted, final: true };
  return { block: nearestBlock(pattern, display, wanted), final: false };
}

/** Pixels of the window in sight, kept from one frame to the next. */
export function matrixPainter(): (
  context: CanvasRenderingContext2D,
  data: MatrixData,
  layout: Layout,
  placed: Placed,
  theme: Theme,
  block: number,
) => Drawn {
  const scratch = document.createElement("canvas");
  let image: ImageData | null = null;

  /** Blocks of cells in sight, each as one pixel that is then enlarged. */
  function draw(
    context: CanvasRenderingContext2D,
    { q0, q1, k0, k1 }: Sight,
    placed: Placed,
    block: number,
    fill: (window: Window, out: Uint32Array) => number,
  ): number {
    const window = {
      block,
      left: Math.floor(k0 / block),
      right: Math.ceil(k1 / block),
      top: Math.floor(q0 / block),
      bottom: Math.ceil(q1 / block),
    };
    const columns = window.right - window.left;
    const rows = window.bottom - window.top;
    if (columns <= 0 || rows <= 0) return 0;
    const pen = context2d(scratch);
    if (!image || image.width !== columns || image.height !== rows) {
      scratch.width = columns;
      scratch.height = rows;
      image = pen.createImageData(columns, rows);
    }
    const missing = fill(window, new Uint32Array(image.data.buffer));
    pen.putImageData(image, 0, 0);
    const size = block * placed.cell;
    context.imageSmoothingEnabled = false;
    context.drawImage(
      scratch,
      placed.x + window.left * size,
      placed.y + window.top * size,
      columns * size,
      rows * size,
    );
    return missing;
  }

  return (context, of, layout, at, theme, block) => {
    const { left, top, width, height } = layout;
    const { pattern, display, finer } = of;
    const sight = sightOf(pattern, layout, at);
    const parts = (pattern.block > 1 && finer?.wanted(sight, at.cell)) || [];
    let drawn = { block: block * pattern.block, tiles: parts, missing: 0 };
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.fillStyle = theme.blank;
    context.fillRect(left, top, width, height);
    if (finer && parts.length) {
      const level = parts[0].block;
      const missing = draw(context, sight, at, level, (window, out) =>
        finer.paint(display, window, out),
      );
      drawn = { block: level, tiles: parts, missing };
    } else {
      const { data, placed } = inBlocks(of, at);
      draw(context, sightOf(data.pattern, layout, placed), placed, block, (window, out) => {
        paintWindow(data.pattern, data.display, data.table, window, out);
        return 0;
      });
    }
    hatch(context, of, layout, at, theme);
    const { k0, k1, q0, q1 } = sight;
    if (at.cell >= 14) separate(context, layout, at, theme, [k0, k1], [q0, q1], pattern);
    context.restore();
    return drawn;
  };
}

/** Rows without a shown value are hatched, so that they do not read as zeros. */
function hatch(
  context: CanvasRenderingContext2D,
  { pattern, display }: MatrixData,
  layout: Layout,
  placed: Placed,
  theme: Theme,
): void {
  for (const [from, to] of display.undefinedRows) {
    const y = placed.y + from * placed.cell;
    const bottom = placed.y + to * placed.cell;
    if (bottom < layout.top || y > layout.top + layout.height || bottom - y < 1) continue;
    const keys = pattern.causal ? to : pattern.nKey;
    const right = placed.x + keys * placed.cell;
    context.save();
    context.beginPath();
    context.rect(placed.x, y, right - placed.x, bottom - y);
    context.clip();
    context.strokeStyle = theme.faint;
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.beginPath();
    const tall = bottom - y;
    for (let x = placed.x - tall; x < right; x += 6) {
      context.moveTo(x, bottom);
      context.lineTo(x + tall, y);
    }
    context.stroke();
    context.restore();
  }
}

/** Hairlines between large cells. */
function separate(
  context: CanvasRenderingContext2D,
  { left, top, width, height }: Layout,
  { x, y, cell }: Placed,
  theme: Theme,
  [k0, k1]: [number, number],
  [q0, q1]: [number, number],
  pattern: Pattern,
): void {
  context.fillStyle = theme.background;
  context.globalAlpha = 0.55;
  for (let key = k0 + 1; key < k1; key++) {
    const from = pattern.causal ? Math.max(top, y + (key - 1) * cell) : top;
    context.fillRect(x + key * cell - 0.5, from, 1, top + height - from);
  }
  for (let query = q0 + 1; query < q1; query++) {
    const to = pattern.causal ? Math.min(left + width, x + (query + 1) * cell) : left + width;
    context.fillRect(left, y + query * cell - 0.5, to - left, 1);
  }
}

/** A band along a row and a column, and a frame where they cross. */
export function drawCross(
  context: CanvasRenderingContext2D,
  cell: Cell,
  { left, top, width, height }: Layout,
  placed: Placed,
  theme: Theme,
  strong: boolean,
): void {
  const size = Math.max(1, placed.cell);
  const y = cell.query === null ? 0 : placed.y + cell.query * placed.cell;
  const x = cell.key === null ? 0 : placed.x + cell.key * placed.cell;
  // Beside small cells, not on them, so that what is pointed at stays visible.
  const edges = size < 3 ? [size / 2] : size < 8 ? [-0.5, size + 0.5] : [0, size];
  context.save();
  context.beginPath();
  context.rect(left - 1, top - 1, width + 2, height + 2);
  context.clip();
  const color = strong ? theme.accent : theme.cross;
  // The line in the page's colour beneath keeps the mark visible on colours like its own.
  for (const [style, line, alpha] of [
    [theme.background, size < 8 ? 1 : 3, 0.5],
    [color, strong ? 1.5 : 1, strong ? 0.95 : 0.7],
  ] as const) {
    context.fillStyle = style;
    context.globalAlpha = alpha;
    for (const edge of edges) {
      if (cell.query !== null) context.fillRect(left, y + edge - line / 2, width, line);
      if (cell.key !== null) context.fillRect(x + edge - line / 2, top, line, height);
    }
  }
  if (cell.query !== null && cell.key !== null) {
    const frame = Math.max(size, 5);
    const shift = (frame - size) / 2;
    context.globalAlpha = 1;
    context.lineWidth = strong ? 2.5 : 2;
    context.strokeStyle = color;
    context.strokeRect(x - shift, y - shift, frame, frame);
  }
  context.restore();
}
