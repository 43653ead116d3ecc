// Points with colours and sizes -> pixels, by regl-scatterplot. It only paints: zoom, pointer and lasso are ours.
import createScatterplot, { createRenderer, createSpatialIndex } from "regl-scatterplot";
import type { Painted } from "./drawing_order.ts";

export interface PointStyle {
  readonly colors: readonly string[];
  readonly sizes: readonly number[];
  readonly opacities: readonly number[];
  readonly background: string;
}

export interface PointsPlot {
  resize(width: number, height: number): void;
  style(style: PointStyle): void;
  /** `selected`: places in the order of painting; all others are dimmed where there are any. */
  draw(points: Painted, selected: readonly number[]): void;
  view(matrix: Float32Array): void;
}

/** How much points that are not selected fade. */
const DIMMED = 0.3;

/**
 * Throws where it cannot be made, as in a browser without WebGL. `painted` is called within the frame in which the
 * picture changed, `drawn` or `failed` after each drawing, `lost` when the browser took the plot's memory away.
 */
export function pointsPlot(
  canvas: HTMLCanvasElement,
  spare: HTMLElement,
  events: { painted(): void; drawn(): void; failed(error: unknown): void; lost(): void },
  signal: AbortSignal,
): PointsPlot {
  const surface = document.createElement("canvas");
  const renderer = createRenderer({ canvas: surface });
  const plot = createScatterplot({
    renderer,
    canvas,
    width: 1,
    height: 1,
    syncEvents: true,
    colorBy: "valueA",
    sizeBy: "valueB",
    opacityBy: "valueB",
    pointColor: ["#888888", "#888888"],
    antiAliasing: 1,
    pointSizeSelected: 1,
    pointOutlineWidth: 1.5,
    opacityInactiveScale: DIMMED,
    cameraIsFixed: true,
    deselectOnDblClick: false,
    deselectOnEscape: false,
    actionKeyMap: {},
    lassoInitiatorParentElement: spare,
    lassoLongPressIndicatorParentElement: spare,
  } as Parameters<typeof createScatterplot>[0]);
  plot.subscribe("drawing", events.painted);
  surface.addEventListener("webglcontextlost", events.lost, { signal });

  // Nothing is looked up in its index, so one of a single far point serves for all clouds.
  const index = createSpatialIndex([[1e6, 1e6]], false);
  let wanted: { points: Painted; selected: readonly number[] } | null = null;
  let drawing = false;
  let shown: Painted | null = null;
  // Filled anew for each drawing: making 100,000 small arrays takes longer than all the rest.
  let rows: number[][] = [];

  async function drawWanted(): Promise<void> {
    if (drawing) return;
    drawing = true;
    let failure: unknown = null;
    while (wanted && !signal.aborted) {
      const { points, selected } = wanted;
      wanted = null;
      failure = null;
      try {
        await drawOne(points, selected);
      } catch (error) {
        shown = null; // the next drawing is a whole one, whatever it asks for
        failure = error ?? "no reason given";
      }
    }
    drawing = false;
    if (signal.aborted) return;
    if (failure === null) events.drawn();
    else events.failed(failure);
  }

  async function drawOne(points: Painted, selected: readonly number[]): Promise<void> {
    if (points === shown) {
      plot.select([...selected], { preventEvent: true });
      return;
    }
    shown = points;
    rows = filled(rows, points);
    plot.deselect({ preventEvent: true });
    await plot.draw(rows, {
      zDataType: "categorical",
      wDataType: "categorical",
      spatialIndex: await index,
      select: [...selected],
    });
  }

  signal.addEventListener(
    "abort",
    () => {
      plot.destroy();
      renderer.destroy();
      surface.getContext("webgl")?.getExtension("WEBGL_lose_context")?.loseContext();
    },
    { once: true },
  );

  return {
    resize(width, height) {
      renderer.resize(width, height);
      plot.set({ width, height });
    },
    style({ colors, sizes, opacities, background }) {
      plot.set({
        pointColor: [...colors],
        pointSize: [...sizes],
        opacity: [...opacities],
        backgroundColor: background,
      });
    },
    draw(points, selected) {
      wanted = { points, selected };
      drawWanted();
    },
    view: (matrix) => plot.view(matrix as unknown as number[]),
  };
}

function filled(rows: number[][], { x, y, color, encoding }: Painted): number[][] {
  const all = rows.length === x.length ? rows : Array.from(x, () => [0, 0, 0, 0]);
  for (let i = 0; i < x.length; i++) {
    const row = all[i];
    row[0] = x[i];
    row[1] = y[i];
    row[2] = color[i];
    row[3] = encoding[i];
  }
  return all;
}
