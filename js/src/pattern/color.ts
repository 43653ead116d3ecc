// A palette and a theme -> 256 colours; with a display, one colour for each of the 65,536 codes.
import { type RGBColor, rgb } from "d3-color";
import { interpolateRgbBasis } from "d3-interpolate";
import {
  interpolateBlues,
  interpolateCividis,
  interpolateGreys,
  interpolateMagma,
  interpolateViridis,
} from "d3-scale-chromatic";
import type { Kind, Palette } from "../kit/names.ts";
import { diverging } from "./diverging.ts";
import { isSigned, type Pattern } from "./pattern.ts";
import { type Display, positionOf } from "./scale.ts";

/** The two that start at the page's own background turn round in the dark. */
const DARK_BLUES = interpolateRgbBasis([
  "#12171f",
  "#12304c",
  "#16517f",
  "#2f7fbd",
  "#6db0e2",
  "#b4dafa",
  "#f6fbff",
]);

/** Signed values have a palette of their own, so that 0 looks like nothing. */
export type Colors = Palette | "diverging";

export function colorsFor(kind: Kind, palette: Palette): Colors {
  return isSigned(kind) ? "diverging" : palette;
}

function interpolator(palette: Colors, dark: boolean): (t: number) => string {
  switch (palette) {
    case "viridis":
      return interpolateViridis;
    case "cividis":
      return interpolateCividis;
    case "magma":
      return interpolateMagma;
    case "greys":
      return dark ? (t) => interpolateGreys(1 - t * 0.92) : interpolateGreys;
    case "diverging":
      return evenMiddle(diverging(dark));
    default:
      return dark ? DARK_BLUES : interpolateBlues;
  }
}

/** Of 256 colours two are in the middle: both are that of 0, and the others mirror each other. */
function evenMiddle(at: (signed: number) => string): (t: number) => string {
  return (t) => {
    const i = Math.round(t * 255);
    return at((i < 128 ? i - 127 : i - 128) / 127);
  };
}

const pack = ({ r, g, b }: RGBColor): number =>
  ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;

const NO_COLOR = "#012345";
let pen: CanvasRenderingContext2D | null = null;

/** Names and newer notations are the browser's to read. NaN where it cannot. */
export function readColor(color: string): RGBColor {
  const read = rgb(color);
  if (!Number.isNaN(read.r)) return read;
  pen ??= document.createElement("canvas").getContext("2d")!;
  pen.fillStyle = NO_COLOR;
  pen.fillStyle = color;
  return pen.fillStyle === NO_COLOR ? read : rgb(String(pen.fillStyle));
}

/** A CSS colour as one pixel of image data. */
export function pixelOf(color: string): number {
  return pack(readColor(color));
}

const ramps = new Map<string, Uint32Array>();

/** 256 colours from low to high, each a pixel as canvas image data keeps it (little-endian RGBA). */
export function ramp(palette: Colors, dark: boolean): Uint32Array {
  const name = `${palette} ${dark}`;
  let colors = ramps.get(name);
  if (!colors) {
    const at = interpolator(palette, dark);
    colors = Uint32Array.from({ length: 256 }, (_, i) => pack(rgb(at(i / 255))));
    ramps.set(name, colors);
  }
  return colors;
}

/** Position on the bar -> index into a ramp, as matplotlib maps it. */
export function rampIndex(position: number): number {
  return Math.min(255, Math.floor(position * 256));
}

export function cssColor(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >>> 8) & 255} ${(pixel >>> 16) & 255})`;
}

/** Whether dark text reads better than light text on this colour (WCAG relative luminance). */
export function wantsDarkText(pixel: number): boolean {
  const linear = (byte: number) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  const luminance =
    0.2126 * linear(pixel & 255) +
    0.7152 * linear((pixel >>> 8) & 255) +
    0.0722 * linear((pixel >>> 16) & 255);
  return luminance > 0.179;
}

/** Shown values of a display with row factors are requantised: this code means 1. */
export const SHOWN_ONE = 65535;

/** One pixel for each code. Fully transparent where a code means "no value". */
export function colorTable(
  pattern: Pick<Pattern, "offset" | "step" | "masked">,
  display: Display,
  colors: Uint32Array,
): Uint32Array {
  const table = new Uint32Array(65536);
  const offset = display.rows ? 0 : pattern.offset;
  const step = display.rows ? 1 / SHOWN_ONE : pattern.step;
  const indexOf = (code: number) => rampIndex(positionOf(display, offset + step * code));
  // Colours never step back as codes grow: find where each one ends instead of asking for every code.
  let from = 0;
  while (from < 65536) {
    const index = indexOf(from);
    let same = from;
    let other = 65536;
    while (other - same > 1) {
      const middle = (same + other) >>> 1;
      if (indexOf(middle) === index) same = middle;
      else other = middle;
    }
    table.fill(colors[index], from, other);
    from = other;
  }
  if (pattern.masked) table[0] = 0;
  return table;
}
