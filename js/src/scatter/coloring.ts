// A column -> a colour for each point, and what the legend says of it.
import { rgb } from "d3-color";
import type { Palette } from "../kit/names.ts";
import { ramp, rampIndex, readColor } from "../pattern/color.ts";
import type { Display } from "../pattern/scale.ts";
import { type Categories, type Column, NO_VALUE, type Numbers } from "./head_map.ts";

/** Told apart on white and on black. */
const CATEGORIES = [
  "#4269d0",
  "#efb118",
  "#ff725c",
  "#6cc5b0",
  "#3ca951",
  "#ff8ab7",
  "#a463f2",
  "#97bbf5",
  "#9c6b4e",
  "#1f8a8a",
  "#c44e9a",
  "#8a9a1f",
  "#d2691e",
  "#5b5bd6",
  "#2e9ee6",
  "#b03a48",
  "#7fb800",
  "#c9a27e",
  "#6d7f99",
  "#e4572e",
] as const;

export interface Coloring {
  /** [point], indices into `colors` */
  readonly codes: Uint16Array;
  /** Hexadecimal; the last one is that of points without a value. */
  readonly colors: readonly string[];
  /** [point], 1 where a point is switched off */
  readonly hidden: Uint8Array;
  /** null: there is nothing to explain. */
  readonly legend: Legend | null;
}

export type Legend =
  | {
      readonly type: "groups";
      readonly label: string;
      /** How a point gets into its group; "" where that needs no words. */
      readonly about: string;
      readonly groups: readonly Group[];
    }
  | {
      readonly type: "bar";
      readonly label: string;
      readonly ramp: Uint32Array;
      readonly display: Display;
    };

export interface Group {
  /** What `hidden` calls it: "" where points have no value. */
  readonly value: string;
  readonly label: string;
  readonly color: string;
  readonly count: number;
}

export function coloringOf(
  column: Column,
  hidden: readonly string[],
  palette: Palette,
  dark: boolean,
): Coloring {
  return column.type === "number"
    ? numberColoring(column, palette, dark)
    : categoryColoring(column, hidden, dark);
}

export function noColor(dark: boolean): string {
  return dark ? "#59626d" : "#b4bbc4";
}

export function hex(color: string, otherwise = "#888888"): string {
  const parsed = readColor(color);
  return Number.isNaN(parsed.r) ? otherwise : parsed.formatHex();
}

/** A pixel of image data, red lowest. */
function hexOf(pixel: number): string {
  return rgb(pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255).formatHex();
}

function categoryColors({ values, colors }: Categories): string[] {
  return values.map((_, i) => hex(colors?.[i] ?? CATEGORIES[i % CATEGORIES.length]));
}

function categoryColoring(column: Categories, off: readonly string[], dark: boolean): Coloring {
  const { values, label } = column;
  const none = values.length;
  const colors = [...categoryColors(column), noColor(dark)];
  const counts = new Uint32Array(none + 1);
  const codes = column.codes.map((code) => (code === NO_VALUE || code >= none ? none : code));
  for (const code of codes) counts[code]++;
  const nameOf = (code: number) => (code === none ? "" : values[code]);
  const isOff = colors.map((_, code) => off.includes(nameOf(code)));
  const groups = colors
    .map((color, code) => ({
      value: nameOf(code),
      label: code === none ? "None" : values[code],
      color,
      count: counts[code],
    }))
    .filter(({ count }) => count > 0);
  return {
    codes,
    colors,
    hidden: Uint8Array.from(codes, (code) => Number(isOff[code])),
    legend: { type: "groups", label, about: column.about ?? "", groups },
  };
}

/** Ends of a ramp that are close to the page's background would hide small points: they are left out. */
function pointRamp(palette: Palette, dark: boolean): Uint32Array {
  const colors = ramp(palette, dark);
  const [low, high] =
    palette === "blues" || palette === "greys" ? [0.24, 1] : dark ? [0.12, 1] : [0, 0.94];
  return colors.map((_, i) => colors[rampIndex(low + ((high - low) * i) / 255)]);
}

function numberColoring({ numbers, label }: Numbers, palette: Palette, dark: boolean): Coloring {
  const [low, high] = rangeOf(numbers);
  const shown = pointRamp(palette, dark);
  const none = shown.length;
  const codes = Uint16Array.from(numbers, (value) =>
    Number.isNaN(value) ? none : Math.max(0, rampIndex((value - low) / (high - low))),
  );
  return {
    codes,
    colors: [...Array.from(shown, hexOf), noColor(dark)],
    hidden: new Uint8Array(numbers.length),
    legend: {
      type: "bar",
      label,
      ramp: shown,
      display: { scale: "linear", low, high, rows: null, skipFirst: false, undefinedRows: [] },
    },
  };
}

/** The smallest and largest number; two different ones always. */
export function rangeOf(numbers: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of numbers) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) return [0, 1];
  return high > low ? [low, high] : [low, low + 1];
}

export function toggleHidden(hidden: readonly string[], value: string): string[] {
  return hidden.includes(value) ? hidden.filter((one) => one !== value) : [...hidden, value];
}

/** Only this group, or all of them again where it is the only one already. */
export function onlyGroup(
  groups: readonly Group[],
  hidden: readonly string[],
  value: string,
): string[] {
  const others = groups.map((group) => group.value).filter((one) => one !== value);
  const alone = !hidden.includes(value) && others.every((one) => hidden.includes(one));
  return alone ? [] : others;
}

/** What a column says of a point, with its spread if it has one; "" where it says nothing. */
export function valueText(column: Column, point: number): string {
  if (column.type === "category") return column.values[column.codes[point]] ?? "";
  const value = column.numbers[point];
  if (Number.isNaN(value)) return "";
  const spread = column.spread?.[point] ?? Number.NaN;
  if (!Number.isNaN(spread)) return `${value.toFixed(2)} \u00b1 ${spread.toFixed(2)}`;
  return Number.isInteger(value) ? String(value) : value.toFixed(2).replace("-", "\u2212");
}
