// Counts -> bars as one drawing, with a mark where something stands; as light as a line of text.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 40;

function shape(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Square roots: one head among hundreds is still seen. */
function pathOf(counts: Uint32Array): string {
  const most = Math.sqrt(Math.max(1, ...counts));
  return Array.from(counts, (count, i) => {
    const height = Math.round((Math.sqrt(count) / most) * HEIGHT * 100) / 100;
    return count ? `M${i} ${HEIGHT}v${-height}h1v${height}z` : "";
  }).join("");
}

/** `at`: where the mark stands, from 0 to 1; null for none. `behind`: more bars, fainter. */
export function bars(
  counts: Uint32Array,
  at: number | null = null,
  behind: Uint32Array | null = null,
): SVGElement {
  const svg = shape("svg", {
    class: "aw-bars",
    viewBox: `0 0 ${counts.length} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  if (behind) svg.append(shape("path", { class: "aw-bars-behind", d: pathOf(behind) }));
  svg.append(shape("path", { class: "aw-bars-own", d: pathOf(counts) }));
  if (at !== null) {
    const x = Math.min(1, Math.max(0, at)) * counts.length;
    svg.append(shape("line", { class: "aw-bars-mark", x1: x, x2: x, y1: 0, y2: HEIGHT }));
  }
  return svg;
}
