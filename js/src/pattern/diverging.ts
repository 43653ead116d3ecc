// A signed number from -1 to 1 -> a colour: blue for more, red for less, the page's own background for nothing.
import { interpolateRgb, piecewise } from "d3-interpolate";
import { pixelOf } from "./color.ts";

const LIGHT = ["#9c1127", "#d6604d", "#f7b799", "#ffffff", "#a6cfe6", "#4393c3", "#14508f"];
const DARK = ["#ffb796", "#e2603f", "#7d2f22", "#15191f", "#1d4a75", "#3d8fd4", "#abd9ff"];

const onLight = piecewise(interpolateRgb, LIGHT);
const onDark = piecewise(interpolateRgb, DARK);

/** What lies outside has the colour of the end; what is no number has that of 0. */
export function diverging(dark: boolean): (t: number) => string {
  const at = dark ? onDark : onLight;
  return (t) => at(Number.isNaN(t) ? 0.5 : (Math.min(1, Math.max(-1, t)) + 1) / 2);
}

/** The index into the ramp where 0 lies: that of position 0.5. */
const MIDDLE = 128;

const rampOf = (dark: boolean): Uint32Array => {
  const at = diverging(dark);
  return Uint32Array.from({ length: 256 }, (_, i) => pixelOf(at((i - MIDDLE) / 127)));
};
const ramps = new Map<boolean, Uint32Array>();

/** The same as 256 colours from -1 to 1, each a pixel as `ramp` of color.ts has them. */
export function divergingRamp(dark: boolean): Uint32Array {
  const ramp = ramps.get(dark) ?? rampOf(dark);
  ramps.set(dark, ramp);
  return ramp;
}
