// How many layers and heads, and the room there is -> where the thumbnails lie. CSS pixels.

export interface GridLayout {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
}

export const SMALLEST_THUMB = 18;
export const LARGEST_THUMB = 96;
const MOST_HEIGHT = 620;
/** Screen pixels that one canvas may have. */
const MOST_AREA = 40e6;
const LEFT = 44;
const TOP = 38;

/** `size` 0 takes what fits. */
export function gridLayout(
  nLayers: number,
  nHeads: number,
  room: number,
  size: number,
  ratio: number,
): GridLayout {
  const gapFor = (cell: number) => (cell >= 40 ? 4 : 3);
  const fits = Math.min(
    (room - LEFT - 6) / nHeads - 3.5,
    (MOST_HEIGHT - TOP - 6) / nLayers - 3.5,
    LARGEST_THUMB,
  );
  const most = Math.sqrt(MOST_AREA / (nLayers * nHeads)) / ratio;
  const wanted = Math.min(most, size > 0 ? Math.max(8, size) : Math.max(SMALLEST_THUMB, fits));
  const cell = Math.max(1, Math.floor(wanted * ratio)) / ratio;
  const gap = gapFor(cell);
  return {
    left: LEFT,
    top: TOP,
    cell,
    gap,
    width: LEFT + nHeads * (cell + gap) + 4,
    height: TOP + nLayers * (cell + gap) + 4,
  };
}

/** The head under a point, or null between and beside thumbnails. */
export function headAt(
  layout: GridLayout,
  nLayers: number,
  nHeads: number,
  x: number,
  y: number,
): { layer: number; head: number } | null {
  const pitch = layout.cell + layout.gap;
  const head = Math.floor((x - layout.left + layout.gap / 2) / pitch);
  const layer = Math.floor((y - layout.top + layout.gap / 2) / pitch);
  const inside = head >= 0 && head < nHeads && layer >= 0 && layer < nLayers;
  return inside ? { layer, head } : null;
}
