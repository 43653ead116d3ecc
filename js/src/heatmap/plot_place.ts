// The room there is and a pattern's size -> where its cells lie, zoomed and panned.
import type { Cell } from "../kit/selection.ts";
import { isNothing } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { zoomable } from "../kit/zoom.ts";
import type { AxesData } from "../pattern/axes.ts";
import type { Layout, Placed } from "../pattern/layout.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { Marks } from "../pattern/plot_marks.ts";
import { roomFinder } from "./room.ts";

/** What is placed: the tokens need room as well. */
export interface PlacedData extends AxesData {
  readonly pattern: Pattern;
  readonly theme: Theme;
  readonly legend: boolean;
}

export interface PlotPlace {
  layout(): Layout | null;
  /** With the zoom. */
  placed(layout: Layout): Placed;
  update(data: PlacedData): void;
  zoomBy(factor: number, marks: Marks): void;
  fit(): void;
  /** Bring a cell into sight, as large as it can be read where all was on show. */
  reveal(cell: Cell): void;
}

const FULL_CELL = 44;
/** Smaller cells than this are enlarged when somebody goes to one of them, to this size. */
const SMALL = 4;
const LEGIBLE = 14;

export function plotPlace(
  parent: HTMLElement,
  element: HTMLElement,
  area: HTMLElement,
  canvas: HTMLCanvasElement,
  events: { zoomed(): void; resized(layout: Layout): void },
  signal: AbortSignal,
): PlotPlace {
  let layout: Layout | null = null;
  const findRoom = roomFinder(parent, canvas);
  const zoomed = zoomable(area, element, events.zoomed, signal);

  const placed = (at: Layout): Placed => {
    const { x, y, k } = zoomed.view();
    return { x: at.left + x, y: at.top + y, cell: at.cell * k };
  };

  function update(data: PlacedData): void {
    const { nQuery, nKey } = data.pattern;
    const { layout: next, narrow, beside } = findRoom(data, data.pattern, data.theme.font);
    parent.classList.toggle("aw-narrow", narrow);
    parent.classList.toggle("aw-beside", beside);
    const before = layout;
    // the same object while nothing changes: whoever drew in it need not draw again
    if (before && JSON.stringify(before) === JSON.stringify(next)) return;
    layout = next;
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

  /** Zooming without a pointer keeps what is marked in its place. */
  function pivot(cell: Cell): [number, number] {
    if (!layout) return [0, 0];
    const { left, top, width, height } = layout;
    const at = placed(layout);
    const within = (value: number, length: number) => Math.min(length, Math.max(0, value));
    const middle = (start: number, index: number) => start + (index + 0.5) * at.cell;
    return [
      cell.key === null ? width / 2 : within(middle(at.x, cell.key) - left, width),
      cell.query === null ? height / 2 : within(middle(at.y, cell.query) - top, height),
    ];
  }

  return {
    layout: () => layout,
    placed,
    update,
    zoomBy: (factor, { hovered, locked }) =>
      zoomed.by(factor, pivot(isNothing(hovered) ? locked : hovered)),
    fit: zoomed.fit,
    reveal({ query, key }) {
      if (!layout) return;
      const { left, top, width, height, cell } = layout;
      const { k } = zoomed.view();
      const at = placed(layout);
      const inside = (start: number, index: number | null, from: number, length: number) => {
        const begin = start + (index ?? 0) * at.cell;
        return index === null || (begin >= from && begin + at.cell <= from + length);
      };
      const seen = inside(at.x, key, left, width) && inside(at.y, query, top, height);
      const small = k === 1 && cell < SMALL;
      if (seen && !small) return;
      // a query alone is looked for where its row ends
      const middle = (index: number) => (index + 0.5) * cell;
      const x = Math.min(width, middle(key ?? query ?? 0));
      const y = Math.min(height, middle(query ?? key ?? 0));
      zoomed.show(x, y, small ? LEGIBLE / cell : k);
    },
  };
}
