// The size of a pattern and the room there is -> where its cells lie. All lengths in CSS pixels.

export interface Layout {
  /** Room for labels at the left and on top. */
  readonly left: number;
  readonly top: number;
  /** How many characters a label may have. */
  readonly characters: number;
  /** The part that shows cells. */
  readonly width: number;
  readonly height: number;
  /** One cell, not zoomed. */
  readonly cell: number;
  readonly ratio: number;
}

/** Where zoom and pan have taken the cells: cell (q, k) begins at (x + k * cell, y + q * cell). */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly cell: number;
}

const LARGEST_CELL = 34;
const EPSILON = 1e-6;

/** A cell that divides screen pixels evenly, where that costs little room. */
export function snapCell(cell: number, ratio: number): number {
  const device = cell * ratio;
  const snapped = device >= 1 ? Math.floor(device) : 1 / Math.ceil(1 / device - EPSILON);
  return (snapped / device >= 0.72 ? snapped : device) / ratio;
}

export function layoutOf(
  nQuery: number,
  nKey: number,
  room: {
    width: number;
    height: number;
    left: number;
    top: number;
    characters: number;
    ratio: number;
  },
): Layout {
  const { left, top, characters, ratio } = room;
  const wide = Math.max(40, room.width - left) / nKey;
  const cell = snapCell(Math.min(wide, room.height / nQuery, LARGEST_CELL), ratio);
  return { left, top, characters, width: cell * nKey, height: cell * nQuery, cell, ratio };
}

/** Cells a side that share one screen pixel or more. */
export function blockFor(cell: number, ratio: number): number {
  return Math.max(1, Math.ceil(1 / (cell * ratio) - EPSILON));
}

/** The first and one past the last cell of an axis that are in sight. */
export function visible(
  start: number,
  cell: number,
  from: number,
  length: number,
  n: number,
): [number, number] {
  const first = Math.max(0, Math.floor((from - start) / cell + EPSILON));
  const last = Math.min(n, Math.ceil((from + length - start) / cell - EPSILON));
  return [Math.min(first, n), Math.max(last, Math.min(first, n))];
}

/** What lies under a point: both axes inside, one axis on its labels, null elsewhere. */
export function hit(
  layout: Layout,
  placed: Placed,
  nQuery: number,
  nKey: number,
  x: number,
  y: number,
): { query: number | null; key: number | null } {
  const inX = x >= layout.left && x < layout.left + layout.width;
  const inY = y >= layout.top && y < layout.top + layout.height;
  const index = (at: number, n: number) => Math.min(n - 1, Math.max(0, Math.floor(at)));
  const query = index((y - placed.y) / placed.cell, nQuery);
  const key = index((x - placed.x) / placed.cell, nKey);
  return {
    query: inY && x < layout.left + layout.width ? query : null,
    key: inX && y < layout.top + layout.height ? key : null,
  };
}
