// What colours, sizes and axes show -> the controls above the plot.

import { button, choice, type Option, switcher } from "../kit/controls.ts";
import { make, setAttributes, setText } from "../kit/dom.ts";
import { memo } from "../kit/memo.ts";
import type { Palette } from "../kit/names.ts";
import { PALETTES } from "../kit/names.ts";
import { picker } from "../kit/picker.ts";
import type { HeadMap } from "./head_map.ts";

export interface ToolbarProps {
  readonly map: HeadMap | null;
  readonly title: string;
  readonly colorBy: string;
  readonly sizeBy: string;
  readonly x: string;
  readonly y: string;
  /** How many filters there are, and whether they are on show. */
  readonly filters: number;
  readonly filtering: boolean;
  readonly palette: Palette;
  /** The palette colours the points too, not only the pictures. */
  readonly ramped: boolean;
  readonly components: readonly [number, number];
  readonly view3d: boolean;
  readonly showNeighbours: number;
  readonly lassoing: boolean;
}

export interface ToolbarEvents {
  colorBy(name: string): void;
  sizeBy(name: string): void;
  axis(which: "x" | "y", name: string): void;
  filter(): void;
  palette(palette: Palette): void;
  view(components: [number, number] | null): void;
  neighbours(count: number): void;
  lasso(on: boolean): void;
  zoom(factor: number): void;
  fit(): void;
}

const MOST_NEIGHBOURS = 10;
const NEIGHBOURS: readonly Option<string>[] = Array.from(
  { length: MOST_NEIGHBOURS + 1 },
  (_, i) => ({
    value: String(i),
    label: i === 0 ? "None" : String(i),
  }),
);

export function toolbar(
  parent: Element,
  /** Where the buttons stand that concern the picture itself. */
  corner: Element,
  events: ToolbarEvents,
  signal: AbortSignal,
): { readonly element: HTMLElement; update(props: ToolbarProps): void } {
  const bar = make("div", "aw-controls aw-scatter-controls");
  const title = make("strong", "aw-title");
  bar.append(title);
  const part = () => {
    const element = make("span", "aw-scatter-part");
    bar.append(element);
    return element;
  };
  const setX = picker<string>(part(), "Across", (name) => events.axis("x", name), signal);
  const setY = picker<string>(part(), "Up", (name) => events.axis("y", name), signal);
  const setColor = picker<string>(part(), "Colour by", events.colorBy, signal);
  const setSize = picker<string>(part(), "Size by", events.sizeBy, signal);
  const palettes = part();
  const setPalette = choice<Palette>(palettes, "Palette", events.palette, signal);
  const axes = make("span", "aw-scatter-part aw-scatter-axes");
  const setAxes = choice<string>(
    axes,
    "Axes",
    (value) => events.view(value === SOLID ? null : pairOf(value)),
    signal,
  );
  const lines = part();
  const setLines = choice<string>(
    lines,
    "Neighbours",
    (value) => events.neighbours(Number(value)),
    signal,
  );
  const filter = button("Filter", null, events.filter, signal);
  bar.append(filter);
  parent.append(bar);
  const optionsOf = memo(columnOptions);
  const tools = make("div", "aw-scatter-tools");
  corner.append(tools);
  const setMode = switcher<"move" | "lasso">(
    tools,
    "What a drag does",
    [
      { value: "move", label: "Move", title: "A drag moves the picture, or turns it in space" },
      {
        value: "lasso",
        label: "Lasso",
        title: "A drag selects the heads inside; so does Shift and a drag",
      },
    ],
    (mode) => events.lasso(mode === "lasso"),
    signal,
  );
  const zooms = make("span", "aw-zoom", { role: "group", "aria-label": "Zoom" });
  zooms.append(
    button("\u2212", "Zoom out", () => events.zoom(1 / 1.5), signal),
    button("+", "Zoom in", () => events.zoom(1.5), signal),
    button("Fit", "Show everything", events.fit, signal),
  );
  tools.append(zooms, axes);

  return {
    element: bar,
    update(props) {
      const { map } = props;
      setText(title, props.title);
      const { columns, sizes, across, up } = optionsOf(map, props.components);
      setColor(props.colorBy, columns);
      setSize(props.sizeBy, sizes);
      setX(props.x, across);
      setY(props.y, up);
      setText(filter, props.filters ? `Filter (${props.filters})` : "Filter");
      setAttributes(filter, { "aria-expanded": String(props.filtering) });
      setPalette(props.palette, PALETTES);
      setAttributes(palettes, { title: props.ramped ? null : "Colours of the small patterns" });
      const placed = props.x !== "" && props.y !== "";
      axes.hidden = (map?.axes.length ?? 0) < 3 || placed;
      if (!axes.hidden) {
        const shown = props.view3d ? SOLID : props.components.join();
        const [across, up] = props.components;
        const other = { value: shown, label: `${across + 1} and ${up + 1}` };
        setAxes(shown, AXES.some(({ value }) => value === shown) ? AXES : [other, ...AXES]);
      }
      lines.hidden = map?.neighbours == null;
      setLines(String(props.showNeighbours), NEIGHBOURS);
      setMode(props.lassoing ? "lasso" : "move");
    },
  };
}

function columnOptions(map: HeadMap | null, [across, up]: readonly [number, number]) {
  const all = map?.columns ?? [];
  const option = ({ name, label }: (typeof all)[number]): Option<string> => ({
    value: name,
    label,
  });
  const numbers = all.filter(({ type }) => type === "number").map(option);
  const embedding = (component: number): Option<string> => ({
    value: "",
    label: `${map?.info.method ?? ""} ${component + 1}`,
  });
  return {
    columns: all.map(option),
    sizes: [{ value: "", label: "None" }, ...numbers],
    across: [embedding(across), ...numbers],
    up: [embedding(up), ...numbers],
  };
}

const SOLID = "3d";
const AXES: readonly Option<string>[] = [
  { value: "0,1", label: "1 and 2" },
  { value: "0,2", label: "1 and 3" },
  { value: "1,2", label: "2 and 3" },
  { value: SOLID, label: "All three" },
];

function pairOf(value: string): [number, number] {
  const [across, up] = value.split(",").map(Number);
  return [across, up];
}
