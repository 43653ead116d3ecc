// How many heads, in place or in a row of rows, and the room there is -> where the thumbnails lie. CSS pixels.

export interface GridLayout {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly gap: number;
  /** From one thumbnail to the next. */
  readonly stepX: number;
  readonly stepY: number;
  readonly columns: number;
  readonly count: number;
  /** Layers lie side by side, the heads of each below one another. */
  readonly across: boolean;
  readonly width: number;
  readonly height: number;
  /** Screen pixels in one of them, for which it was made. */
  readonly ratio: number;
}

/** Where the layers of a model run to. */
export type Layers = "auto" | "down" | "across";

export const SMALLEST_THUMB = 18;
export const LARGEST_THUMB = 96;
const MOST_HEIGHT = 620;
/** Screen pixels that one canvas may have. */
const MOST_AREA = 40e6;
const LEFT = 44;
const TOP = 38;
/** Sorted heads carry their own names, above them. */
const NAME_HEIGHT = 16;
const NAME_WIDTH = 40;
const SORTED_LEFT = 4;
const SORTED_FROM = 36;

const gapFor = (cell: number) => (cell >= 40 ? 4 : 3);

/** Layers x heads, in place. `size` 0 takes what fits; "auto" lays layers where thumbnails become larger. */
export function gridLayout(
  nLayers: number,
  nHeads: number,
  room: number,
  size: number,
  ratio: number,
  layers: Layers = "down",
): GridLayout {
  const fitting = (columns: number, rows: number) =>
    Math.min(
      (room - LEFT - 6) / columns - 3.5,
      (MOST_HEIGHT - TOP - 6) / rows - 3.5,
      LARGEST_THUMB,
    );
  const across =
    layers === "across" ||
    (layers === "auto" && fitting(nLayers, nHeads) > fitting(nHeads, nLayers));
  const [columns, rows] = across ? [nLayers, nHeads] : [nHeads, nLayers];
  const fits = fitting(columns, rows);
  const most = Math.sqrt(MOST_AREA / (nLayers * nHeads)) / ratio;
  const wanted = Math.min(most, size > 0 ? Math.max(8, size) : Math.max(SMALLEST_THUMB, fits));
  const cell = Math.max(1, Math.floor(wanted * ratio)) / ratio;
  const gap = gapFor(cell);
  return {
    left: LEFT,
    top: TOP,
    cell,
    gap,
    stepX: cell + gap,
    stepY: cell + gap,
    columns,
    count: nLayers * nHeads,
    across,
    width: LEFT + columns * (cell + gap) + 4,
    height: TOP + rows * (cell + gap) + 4,
    ratio,
  };
}

/** One head after the other, as many in a row as fit. */
export function sortedLayout(count: number, room: number, size: number, ratio: number): GridLayout {
  const most = Math.sqrt(MOST_AREA / Math.max(1, count)) / ratio;
  const at = (wanted: number): GridLayout => {
    const cell = Math.max(1, Math.floor(Math.min(most, wanted) * ratio)) / ratio;
    const gap = gapFor(cell) + 2;
    const stepX = Math.max(cell, NAME_WIDTH) + gap;
    const stepY = cell + gap + NAME_HEIGHT;
    const columns = Math.max(1, Math.min(count, Math.floor((room - SORTED_LEFT) / stepX)));
    const rows = Math.max(1, Math.ceil(count / columns));
    return {
      left: SORTED_LEFT,
      top: NAME_HEIGHT + 3,
      cell,
      gap,
      stepX,
      stepY,
      columns,
      count,
      across: false,
      width: SORTED_LEFT + columns * stepX + 4,
      height: NAME_HEIGHT + 3 + rows * stepY,
      ratio,
    };
  };
  if (size > 0) return at(Math.max(8, size));
  for (let cell = LARGEST_THUMB; cell > SORTED_FROM; cell -= 4) {
    const layout = at(cell);
    if (layout.height <= MOST_HEIGHT) return layout;
  }
  return at(SORTED_FROM);
}

/** In which column a thumbnail is, and in which row. */
export function spotOf({ columns, count, across }: GridLayout, place: number): [number, number] {
  const along = across ? count / columns : columns;
  const [major, minor] = [Math.floor(place / along), place % along];
  return across ? [major, minor] : [minor, major];
}

/** The upper left corner of a thumbnail. */
export function cornerOf(layout: GridLayout, place: number): [number, number] {
  const { left, top, stepX, stepY } = layout;
  const [column, row] = spotOf(layout, place);
  return [left + column * stepX, top + row * stepY];
}

/** The place under a point, or null beside thumbnails. */
export function placeAt(layout: GridLayout, x: number, y: number): number | null {
  const { left, top, gap, stepX, stepY, columns, count, across } = layout;
  const column = Math.floor((x - left + gap / 2) / stepX);
  // What lies between rows belongs to the thumbnail below: its name stands there.
  const name = stepY - layout.cell - gap;
  const row = Math.floor((y - top + gap / 2 + name) / stepY);
  const rows = Math.ceil(count / columns);
  const place = across ? column * rows + row : row * columns + column;
  const inside = column >= 0 && column < columns && row >= 0 && row < rows;
  return inside && place < count ? place : null;
}
