// Pointer and keys over a map of heads -> which point or head is pointed at, and what is asked for.
import { actionOf } from "../kit/keyboard.ts";
import { stepHead, stepLayer } from "../kit/selection.ts";
import { headAt, headOf, type Place, promptOf, sizeOf } from "./head_map.ts";
import { gathered, sameNames, toggled } from "./picking.ts";
import type { HeadScatterEvents, HeadScatterProps, ScatterChoices } from "./props.ts";
import type { Spot } from "./screen.ts";
import type { Stage } from "./stage.ts";

export interface Pointing {
  /** The point under the pointer and where it is. */
  point(): { readonly point: number; readonly spot: Spot } | null;
  /** A head that is pointed at outside the plot. */
  name(): string | null;
  /** The prompt of the point that was clicked last. */
  prompt(): number;
  /** The current head. */
  place(): Place;
  /** The map is another: what it does not have is not pointed at. */
  within(nPoints: number, nHeads: number): void;
  hover(point: number | null, spot: Spot): void;
  hoverName(name: string | null): void;
  click(point: number | null, more: boolean): void;
  lasso(points: readonly number[], more: boolean): void;
  /** Make a head the current one; -1: none. */
  goTo(head: number, changes?: Partial<ScatterChoices>): void;
  select(head: number, more: boolean): void;
  key(event: KeyboardEvent): void;
}

export function scatterPointing(
  shown: () => HeadScatterProps | null,
  { change, hover }: Pick<HeadScatterEvents, "change" | "hover">,
  stage: () => Pick<Stage, "turn" | "zoomBy" | "fit">,
  answers: { moved(): void; announce(text: string): void },
): Pointing {
  let pointed: { point: number; spot: Spot } | null = null;
  let named: string | null = null;
  /** The head that was said to be under the pointer. */
  let told: string | null = null;
  let prompt = 0;

  function place(): Place {
    const props = shown();
    return { layer: props?.layer ?? 0, head: props?.head ?? 0, model: props?.model_name ?? "" };
  }

  function goTo(head: number, changes: Partial<ScatterChoices> = {}): void {
    const map = shown()?.map;
    if (!map || head < 0) return;
    const { layer, head: number, model } = map.places[head];
    change({ layer, head: number, model_name: model, ...changes });
  }

  function select(head: number, more: boolean): void {
    const props = shown();
    if (!props?.map) return;
    const name = props.map.names[head];
    if (more) change({ selection: toggled(props.selection, name) });
    else goTo(head, { selection: [name] });
  }

  function tell(name: string | null): void {
    if (shown() && name !== told) {
      told = name;
      hover(name);
    }
    answers.moved();
  }

  function key(event: KeyboardEvent): void {
    const action = actionOf(event);
    const props = shown();
    if (!action || !props?.map) return;
    const { map, selection } = props;
    const at = place();
    const { nLayers, nHeads } = sizeOf(map, at);
    const step = (to: { layer: number; head: number }) => {
      const head = headAt(map, { ...at, ...to });
      if (head >= 0 && head !== headAt(map, at)) select(head, false);
    };
    if (action.do === "head") step(stepHead(at, action.by, nLayers, nHeads));
    else if (action.do === "layer") step(stepLayer(at, action.by, nLayers));
    else if (action.do === "move") stage().turn(action.right * 0.15, action.down * 0.15);
    else if (action.do === "zoom") stage().zoomBy(action.by);
    else if (action.do === "fit") stage().fit();
    else if (action.do === "lock") {
      const head = headAt(map, at);
      if (head >= 0) select(head, true);
    } else if (selection.length > 0) change({ selection: [] });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return {
    point: () => pointed,
    name: () => named,
    prompt: () => prompt,
    place,
    within(nPoints, nHeads) {
      if (pointed && pointed.point >= nPoints) pointed = null;
      if (prompt * nHeads >= nPoints) prompt = 0;
    },
    hover(point, spot) {
      pointed = point === null ? null : { point, spot };
      const map = shown()?.map;
      tell(point === null || !map ? null : map.names[headOf(map, point)]);
    },
    hoverName(name) {
      if (name === named) return;
      named = name;
      tell(name);
    },
    click(point, more) {
      const map = shown()?.map;
      if (point === null || !map) return;
      prompt = promptOf(map, point);
      select(headOf(map, point), more);
    },
    lasso(points, more) {
      const { map, selection } = shown() ?? {};
      if (!map || !selection) return;
      const names = gathered(
        selection,
        points.map((point) => map.names[headOf(map, point)]),
        more,
      );
      if (!sameNames(names, selection)) change({ selection: names });
      answers.announce(`${names.length} heads selected`);
    },
    goTo,
    select,
    key,
  };
}
