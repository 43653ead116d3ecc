// A signed number from -1 to 1 -> a colour: blue for more, red for less, the page's own background for nothing.
import { interpolateRgb, piecewise } from "d3-interpolate";

const LIGHT = ["#9c1127", "#d6604d", "#f7b799", "#ffffff", "#a6cfe6", "#4393c3", "#14508f"];
const DARK = ["#ffb796", "#e2603f", "#7d2f22", "#15191f", "#1d4a75", "#3d8fd4", "#abd9ff"];

const onLight = piecewise(interpolateRgb, LIGHT);
const onDark = piecewise(interpolateRgb, DARK);

/** What lies outside has the colour of the end; what is no number has that of 0. */
export function diverging(dark: boolean): (t: number) => string {
  const at = dark ? onDark : onLight;
  return (t) => at(Number.isNaN(t) ? 0.5 : (Math.min(1, Math.max(-1, t)) + 1) / 2);
}
