// Pointer and keys over the grid -> which head is pointed at, and which one is asked for.
import { actionOf } from "../kit/keyboard.ts";
import * as selection from "../kit/selection.ts";
import { type HeadMarks, placeIn, stepPlace } from "./head_marks.ts";
import type { HeadGridEvents, HeadGridProps } from "./props.ts";

export interface Pointing {
  hovered(): selection.Head | null;
  hover(head: selection.Head | null): void;
  select(head: selection.Head): void;
  key(event: KeyboardEvent): void;
}

/** What is on the screen now. */
export interface Shown {
  props(): HeadGridProps | null;
  marks(): HeadMarks | null;
  columns(): number;
  /** Layers lie side by side: what is to the left or right is another layer. */
  across(): boolean;
}

export function gridPointing(
  shown: Shown,
  { change, hover: tell }: HeadGridEvents,
  resize: (factor: number) => void,
  moved: () => void,
): Pointing {
  let hovered: selection.Head | null = null;

  function select(head: selection.Head): void {
    const props = shown.props();
    if (props && (head.layer !== props.layer || head.head !== props.head)) change(head);
  }

  function key(event: KeyboardEvent): void {
    const action = actionOf(event);
    const props = shown.props();
    const marks = shown.marks();
    if (!action || !props?.atlas || !marks) return;
    const { nLayers, nHeads } = props.atlas;
    if (action.do === "move" || action.do === "lock") return;
    if (action.do === "unit" && props.units.length < 2) return;
    if (action.do === "unlock" && selection.isNothing(props.locked)) return;
    event.preventDefault();
    event.stopPropagation();
    const { heads, sorted } = marks;
    if (sorted && (action.do === "head" || action.do === "layer")) {
      const [along, rows] = action.do === "head" ? [action.by, 0] : [0, action.by];
      const to =
        heads[stepPlace(placeIn(heads, props), along, rows, shown.columns(), heads.length)];
      if (to) select({ layer: to.layer, head: to.head });
    } else if (action.do === "head" || action.do === "layer") {
      const toLayer = (action.do === "layer") !== shown.across();
      const { by } = action;
      select(
        toLayer
          ? selection.stepLayer(props, by, nLayers)
          : selection.stepHead(props, by, nLayers, nHeads),
      );
    } else if (action.do === "zoom") resize(action.by > 1 ? 1.3 : 1 / 1.3);
    else if (action.do === "fit") change({ cell_size: 0 });
    else if (action.do === "unit")
      change({ unit: props.units.find((unit) => unit !== props.unit)! });
    else change(selection.NOTHING);
  }

  return {
    hovered() {
      const atlas = shown.props()?.atlas;
      const gone =
        atlas && hovered && (hovered.layer >= atlas.nLayers || hovered.head >= atlas.nHeads);
      if (gone) hovered = null;
      return hovered;
    },
    hover(head) {
      if (head?.layer === hovered?.layer && head?.head === hovered?.head) return;
      hovered = head;
      tell?.(head);
      moved();
    },
    select,
    key,
  };
}
