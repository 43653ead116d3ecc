// What is pointed at on a map -> marks on the stage, and a tip at the pointer with the pattern.
import { later } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { type HeadMap, headAt } from "./head_map.ts";
import { hoverTip } from "./hover_tip.ts";
import type { Marks } from "./marks.ts";
import { pictureOf } from "./pictures.ts";
import type { Pointing } from "./pointing.ts";
import type { HeadScatterProps } from "./props.ts";
import { marksOf, type Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";

export interface Pointed {
  marks(map: HeadMap, props: HeadScatterProps): Omit<Marks, "lasso" | "rotation" | "ruled">;
  update(props: HeadScatterProps | null): void;
}

/** The pointer rests this long on a point before its pattern is asked for. In ms. */
const ASK_AFTER = 90;

export function pointedView(
  frame: HTMLElement,
  pointing: Pointing,
  stage: Pick<Stage, "mark" | "width" | "height">,
  scene: Scene,
  ask: (point: number) => void,
  theme: () => Theme,
  signal: AbortSignal,
): Pointed {
  const tip = hoverTip(frame);
  const wait = later(signal);

  function marks(map: HeadMap, props: HeadScatterProps) {
    const hidden = scene.hidden(map, props, theme());
    const point = pointing.point()?.point ?? null;
    const outside = point === null ? (pointing.name() ?? props.hovered) : null;
    const head = headAt(map, pointing.place());
    const chosen = props.selection.flatMap((name) => map.indices.get(name) ?? []);
    const trails = scene.trails(map, props, [head, ...chosen]);
    const at = { head: scene.standIn(map, props, head), prompt: pointing.prompt(), point, outside };
    return { ...marksOf(map, props, at, hidden), trails };
  }

  return {
    marks,
    update(props) {
      const map = props?.map;
      if (!map) return;
      pointing.within(map.info.n, map.names.length);
      stage.mark(marks(map, props));
      wait.stop();
      const pointed = pointing.point();
      if (!pointed) return tip(null);
      const { point, spot } = pointed;
      const { codes, colors } = scene.coloring(map, props, theme());
      const { picture, exact } = pictureOf(map, props.pictures, point);
      if (!exact && props.editable) wait.start(() => ask(point), ASK_AFTER);
      tip({
        map,
        point,
        spot,
        width: stage.width(),
        height: stage.height(),
        colorBy: props.color_by,
        shown: [props.x, props.y, props.size_by].filter((name) => name !== ""),
        color: colors[codes[point]],
        picture,
        ink: scene.ink(props, theme()),
      });
    },
  };
}
