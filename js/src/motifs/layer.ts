// Geometries in their colours -> outlines on a canvas of their own over the pattern, and a veil over the rest.

import { context2d, setAttributes, sizeCanvas } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { pixelOf } from "../pattern/color.ts";
import { type Layout, type Placed, visible } from "../pattern/layout.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { countBits, covered, grown, paintBits } from "./bitmap.ts";
import { type Geometry, geometryOf, levelsOf } from "./geometry.ts";
import { chosen, type Motifs, motifNamed, shapeOf } from "./motifs.ts";
import { type CellWindow, outline } from "./outline.ts";

export interface Outlined {
  readonly name: string;
  readonly color: string;
  readonly geometry: Geometry;
}

export interface MotifLayerProps {
  readonly outlines: readonly Outlined[];
  /** Everything outside this one is veiled. */
  readonly dim: Outlined | null;
}

/** Cells smaller than this are outlined pixel by pixel. */
const FINE = 4;
/** A frame may work this long, in ms; then the next one goes on with the next motif. */
const BUDGET = 6;
const VEIL = 0.74;

/** What to draw over this pattern; nothing where the motifs are those of another trace. */
export function layerProps(
  pattern: Pattern,
  motifs: Motifs | null,
  overlays: readonly string[],
  dimmed: string | null,
): MotifLayerProps {
  if (!motifs || !pattern.id.startsWith(`${motifs.traceId}/`)) return { outlines: [], dim: null };
  const outlined = (name: string): Outlined[] => {
    const motif = motifNamed(motifs, name);
    const shape = motif && shapeOf(motif, pattern);
    return shape ? [{ name, color: motif.color, geometry: geometryOf(shape, pattern) }] : [];
  };
  return {
    outlines: chosen(motifs, overlays, pattern).flatMap(outlined),
    dim: (dimmed !== null && outlined(dimmed)[0]) || null,
  };
}

function sameOutlines(a: readonly Outlined[], b: readonly Outlined[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ geometry, color }, i) => geometry === b[i].geometry && color === b[i].color)
  );
}

export function sameLayer(a: MotifLayerProps, b: MotifLayerProps): boolean {
  return a.dim?.geometry === b.dim?.geometry && sameOutlines(a.outlines, b.outlines);
}

export interface Scene {
  readonly layout: Layout;
  readonly placed: Placed;
  readonly theme: Theme;
  readonly nQuery: number;
  readonly nKey: number;
}

/**
 * Line width, and how far inside the border the line of a level runs; never near the middle of a cell. Around small
 * cells the first line runs outside, so that they stay whole.
 */
export function insets(cell: number, level: number): { line: number; inset: number } {
  if (cell < 8) return { line: 1, inset: level === 0 ? -0.5 : 0.5 };
  const line = cell < 9 ? 1 : cell < 18 ? 1.5 : 2;
  const most = Math.max(0, Math.floor((cell / 2 - line - 2) / (line + 1)));
  return { line, inset: line / 2 + Math.min(level, most) * (line + 1) };
}

/** Dark around light colours, light around dark ones: the pair shows on any palette. */
function haloOf(color: string): { pixel: number; css: string } {
  const pixel = pixelOf(color);
  const bright =
    0.299 * (pixel & 255) + 0.587 * ((pixel >>> 8) & 255) + 0.114 * ((pixel >>> 16) & 255);
  return bright > 150
    ? { pixel: 0xff1c1610, css: "rgb(16 22 28 / 60%)" }
    : { pixel: 0xffffffff, css: "rgb(255 255 255 / 80%)" };
}

/** Draws; true once everything is drawn, false where it should be called again in the next frame. */
export function motifLayer(
  canvas: HTMLCanvasElement,
): (props: MotifLayerProps, scene: Scene) => boolean {
  const drawPixels = pixelPen();
  let job: { props: MotifLayerProps; scene: string; next: number } | null = null;

  return (props, scene) => {
    const { dim } = props;
    // What is pointed at is outlined even if it is not switched on.
    const extra = dim && !props.outlines.some(({ name }) => name === dim.name) ? [dim] : [];
    const outlines = [...props.outlines, ...extra];
    const { layout, placed, theme } = scene;
    setAttributes(canvas, {
      "data-motifs": props.outlines.map(({ name }) => name).join(),
      "data-dim": dim?.name ?? "",
    });
    canvas.hidden = outlines.length === 0;
    if (canvas.hidden) {
      canvas.width = canvas.height = 0;
      job = null;
      return true;
    }
    const window = cellsInSight(scene);
    const now = JSON.stringify([layout, placed, theme.background]);
    const context = context2d(canvas);
    if (job?.props !== props || job.scene !== now) {
      const width = layout.left + layout.width + 18;
      const ratio = sizeCanvas(canvas, width, layout.top + layout.height + 2);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      job = { props, scene: now, next: 0 };
      if (dim) veil(context, dim.geometry, scene, window, drawPixels);
    }
    const end = performance.now() + BUDGET;
    const geometries = outlines.map(({ geometry }) => geometry);
    const levels = placed.cell >= FINE ? levelsOf(geometries, window) : [];
    while (job.next < outlines.length) {
      const one = outlines[job.next];
      context.save();
      clip(context, layout);
      context.globalAlpha = dim && dim.name !== one.name ? 0.3 : 1;
      if (placed.cell >= FINE) {
        strokeOutline(context, one, placed, window, levels[job.next]);
      } else paintOutline(context, one, scene, window, drawPixels);
      context.restore();
      job.next += 1;
      if (performance.now() > end) break;
    }
    return job.next === outlines.length;
  };
}

function cellsInSight({ layout, placed, nQuery, nKey }: Scene): CellWindow {
  const [k0, k1] = visible(placed.x, placed.cell, layout.left, layout.width, nKey);
  const [q0, q1] = visible(placed.y, placed.cell, layout.top, layout.height, nQuery);
  return { q0, q1, k0, k1 };
}

function clip(context: CanvasRenderingContext2D, { left, top, width, height }: Layout): void {
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

function strokeOutline(
  context: CanvasRenderingContext2D,
  { color, geometry }: Outlined,
  placed: Placed,
  window: CellWindow,
  level: number,
): void {
  const { line, inset } = insets(placed.cell, level);
  context.beginPath();
  outline(geometry, window, placed, inset, (x0, y0, x1, y1) => {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  });
  context.lineCap = "square";
  context.strokeStyle = haloOf(color).css;
  context.lineWidth = line + 1.5;
  context.stroke();
  context.strokeStyle = color;
  context.lineWidth = line;
  context.stroke();
}

/** The same in screen pixels: what is covered stays free, the pixels around it are coloured. */
function paintOutline(
  context: CanvasRenderingContext2D,
  { color, geometry }: Outlined,
  scene: Scene,
  window: CellWindow,
  drawPixels: PixelPen,
): void {
  const inside = pixelsOf(geometry, scene, window);
  let ring = grown(inside);
  for (let i = 1; i < scene.layout.ratio * 1.2 - 0.5; i++) ring = grown(ring);
  // Where lines would fill the plot they become fainter, and lose their halo.
  const crowded = countBits(ring) / (ring.width * ring.height);
  context.globalAlpha *= crowded > 0.25 ? 0.45 : crowded > 0.08 ? 0.7 : 1;
  drawPixels(context, scene.layout, ring.width, ring.height, (out) => {
    const halo = haloOf(color).pixel & 0x77ffffff;
    if (crowded < 0.08) paintBits(grown(ring), ring, halo, out);
    paintBits(ring, inside, pixelOf(color), out);
  });
}

function pixelsOf(geometry: Geometry, { layout, placed }: Scene, window: CellWindow) {
  const { left, top, width, height, ratio } = layout;
  return covered(
    geometry,
    window,
    { x: (placed.x - left) * ratio, y: (placed.y - top) * ratio, cell: placed.cell * ratio },
    Math.round(width * ratio),
    Math.round(height * ratio),
  );
}

type PixelPen = (
  context: CanvasRenderingContext2D,
  layout: Layout,
  width: number,
  height: number,
  paint: (out: Uint32Array) => void,
) => void;

/** Screen pixels into the plot's area; the image is kept from one call to the next. */
function pixelPen(): PixelPen {
  const scratch = document.createElement("canvas");
  let image: ImageData | null = null;
  return (context, { left, top, width: cssWidth, height: cssHeight }, width, height, paint) => {
    const pen = context2d(scratch);
    if (image?.width !== width || image.height !== height) {
      scratch.width = width;
      scratch.height = height;
      image = pen.createImageData(width, height);
    }
    const out = new Uint32Array(image.data.buffer);
    out.fill(0);
    paint(out);
    pen.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(scratch, left, top, cssWidth, cssHeight);
  };
}

/** The page's colour, half transparent, over all cells that the motif does not cover. */
function veil(
  context: CanvasRenderingContext2D,
  geometry: Geometry,
  scene: Scene,
  window: CellWindow,
  drawPixels: PixelPen,
): void {
  const { layout, placed, theme } = scene;
  context.save();
  clip(context, layout);
  if (placed.cell < FINE) {
    const inside = pixelsOf(geometry, scene, window);
    const pixel = pixelOf(theme.background);
    context.globalAlpha = VEIL;
    drawPixels(context, layout, inside.width, inside.height, (out) => {
      out.fill(pixel);
      paintBits(inside, null, 0, out);
    });
  } else {
    context.fillStyle = theme.background;
    context.globalAlpha = VEIL;
    context.fillRect(layout.left, layout.top, layout.width, layout.height);
    for (let query = window.q0; query < window.q1; query++) {
      const runs = geometry.row(query, window.k0, window.k1);
      for (let i = 0; i < runs.length; i += 2) {
        const x = placed.x + runs[i] * placed.cell;
        const wide = (runs[i + 1] - runs[i]) * placed.cell;
        context.clearRect(x, placed.y + query * placed.cell, wide, placed.cell);
      }
    }
  }
  context.restore();
}
