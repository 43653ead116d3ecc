// The point under the pointer -> a small tip beside it: which head, what its pattern looks like, what is known.
import { make, setAttributes, setText } from "../kit/dom.ts";
import { besideOf, keepIn } from "../kit/popup.ts";
import { type Ink, paintCanvas, type Thumbs } from "../pattern/thumbs.ts";
import { valueText } from "./coloring.ts";
import { type Column, columnNamed, type HeadMap, headOf, promptOf } from "./head_map.ts";
import type { Spot } from "./screen.ts";

export interface TipProps {
  readonly map: HeadMap;
  readonly point: number;
  /** Where the point is, on a stage of this size. */
  readonly spot: Spot;
  readonly width: number;
  readonly height: number;
  readonly colorBy: string;
  /** Further columns that are on show: axes, sizes. */
  readonly shown: readonly string[];
  /** The colour of the point. */
  readonly color: string;
  readonly picture: {
    readonly thumbs: Thumbs;
    readonly index: number;
    readonly caption: string;
  } | null;
  readonly ink: Ink;
}

/** Columns that the head's own name says already. */
const SAID = new Set(["layer", "head", "model"]);
const WORDS = ["motif", "class"];

export interface Line {
  readonly label: string;
  readonly value: string;
  readonly own: boolean;
}

/** What is told of a point: the columns on show, the colours' first, then words, then the three highest scores. */
export function tipLines(
  map: HeadMap,
  point: number,
  colorBy: string,
  shown: readonly string[] = [],
): Line[] {
  const line = (column: Column, own = false): Line => ({
    label: column.label,
    value: valueText(column, point),
    own,
  });
  const colored = columnNamed(map, colorBy);
  const others = [...new Set(shown)].filter((name) => name !== colorBy && !SAID.has(name));
  const placing = others.flatMap((name) => columnNamed(map, name) ?? []);
  const told = new Set([colorBy, ...others, ...SAID]);
  const rest = map.columns.filter(({ name }) => !told.has(name));
  const words = rest.filter(({ type, name }) => type === "category" && WORDS.includes(name));
  const scores = rest
    .flatMap((column) =>
      column.type === "number" && column.score && column.numbers[point] > 0 ? [column] : [],
    )
    .sort((a, b) => b.numbers[point] - a.numbers[point])
    .slice(0, 3);
  return [
    ...(colored ? [line(colored, true)] : []),
    ...placing.map((column) => line(column)),
    ...words.map((column) => line(column)),
    ...scores.map((column) => line(column)),
  ].filter(({ value, own }) => value !== "" || own);
}

export function hoverTip(parent: HTMLElement): (props: TipProps | null) => void {
  const name = make("strong", "aw-hover-name");
  const model = make("span", "aw-hint");
  const prompt = make("div", "aw-hover-prompt");
  const canvas = make("canvas", "aw-hover-picture");
  const caption = make("div", "aw-hint");
  const lines = make("div", "aw-hover-lines");
  const element = make(
    "div",
    "aw-hover-tip",
    { role: "tooltip", hidden: true },
    make("div", "aw-hover-head", {}, name, model),
    prompt,
    canvas,
    caption,
    lines,
  );
  parent.append(element);
  let last: TipProps | null = null;

  function write(props: TipProps): void {
    const { map, point, colorBy, shown, color, picture } = props;
    const head = headOf(map, point);
    const { models, point: one, prompts, unit } = map.info;
    setAttributes(element, { "data-head": map.names[head], "data-point": point });
    setText(name, map.names[head].slice(map.names[head].lastIndexOf(":") + 1));
    const of = models.length > 1 ? [map.places[head].model] : [];
    setText(model, [...of, ...(unit === "word" ? ["between words"] : [])].join(", "));
    setText(prompt, one === "pattern" ? (prompts[promptOf(map, point)] ?? "") : "");
    prompt.hidden = one !== "pattern";
    canvas.hidden = picture === null;
    if (picture) paintCanvas(canvas, picture.thumbs, picture.index, props.ink);
    setText(caption, picture?.caption ?? "");
    caption.hidden = !picture?.caption;
    lines.replaceChildren(
      ...tipLines(map, point, colorBy, shown).map(({ label, value, own }) => {
        const swatch = make("span", "aw-swatch", {});
        swatch.style.setProperty("--aw-group", own ? color : "transparent");
        return make(
          "div",
          "aw-hover-line",
          {},
          ...(own ? [swatch] : []),
          make("span", "aw-hover-label", {}, label),
          make("span", "aw-hover-value", {}, value || "none"),
        );
      }),
    );
  }

  return (props) => {
    element.hidden = props === null;
    if (!props) {
      last = null;
      return;
    }
    const same =
      last?.map === props.map &&
      last.point === props.point &&
      last.colorBy === props.colorBy &&
      last.shown.join() === props.shown.join() &&
      last.color === props.color &&
      last.ink === props.ink &&
      last.picture?.thumbs === props.picture?.thumbs &&
      last.picture?.index === props.picture?.index;
    if (!same) write(props);
    last = props;
    const [x, y] = props.spot;
    const left = besideOf(x, element.offsetWidth, { from: 0, to: props.width }, 18);
    const top = keepIn(y - 24, element.offsetHeight, { from: 0, to: props.height });
    element.style.transform = `translate(${left}px, ${top}px)`;
  };
}
