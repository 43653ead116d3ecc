// Pointer and keys over a heatmap -> which cell is pointed at, and which head or lock is asked for.
import { actionOf } from "../kit/keyboard.ts";
import * as selection from "../kit/selection.ts";
import type { Zooming } from "./controls.ts";
import type { HeatmapEvents, HeatmapProps } from "./props.ts";

export interface Pointing {
  hovered(): selection.Cell;
  /** Where the pointer itself is; null where the keyboard or a token points. */
  spot(): { x: number; y: number } | null;
  select(head: selection.Head): void;
  lock(cell: selection.Cell): void;
  hover(cell: selection.Cell, at: { x: number; y: number } | null): void;
  key(event: KeyboardEvent): void;
  /** Somebody points elsewhere: a crosshair left here by the keyboard goes. */
  yield(): void;
}

export function heatmapPointing(
  shown: () => HeatmapProps | null,
  events: Pick<HeatmapEvents, "change" | "hover" | "choosesUnit">,
  zooming: Zooming,
  moved: () => void,
): Pointing {
  let hovered: selection.Cell = selection.NOTHING;
  let spot: { x: number; y: number } | null = null;

  function select(head: selection.Head): void {
    const props = shown();
    if (!props) return;
    const clamped = selection.clampHead(head, props.nLayers, props.nHeads);
    const next = selection.nextHere(clamped, props, props.heads);
    if (next.layer !== props.layer || next.head !== props.head) events.change(next);
  }

  function lock(cell: selection.Cell): void {
    const props = shown();
    if (props) events.change(selection.toggleLock(props.locked, cell));
  }

  function hover(cell: selection.Cell, at: { x: number; y: number } | null): void {
    spot = at;
    const same = selection.sameCell(cell, hovered);
    if (same && at === null) return;
    hovered = cell;
    if (!same) events.hover?.(cell);
    moved();
  }

  function switchUnit({ unit, units }: HeatmapProps): void {
    const other = units.find((one) => one !== unit);
    if (other) events.change({ unit: other });
  }

  function key(event: KeyboardEvent): void {
    const action = actionOf(event);
    const props = shown();
    if (!action || !props?.picture) return;
    const { nQuery, nKey } = props.picture.pattern;
    const { nLayers, nHeads, locked } = props;
    if (action.do === "unit" && !(events.choosesUnit && props.units.length > 1)) return;
    if (action.do === "unlock" && selection.isNothing(locked) && selection.isNothing(hovered))
      return;
    event.preventDefault();
    event.stopPropagation();
    if (action.do === "head") select(selection.stepHead(props, action.by, nLayers, nHeads));
    else if (action.do === "layer") select(selection.stepLayer(props, action.by, nLayers));
    else if (action.do === "unit") switchUnit(props);
    else if (action.do === "zoom") zooming.by(action.by);
    else if (action.do === "fit") zooming.fit();
    else if (action.do === "lock") {
      if (!selection.isNothing(hovered)) lock(hovered);
    } else if (action.do === "unlock") {
      hover(selection.NOTHING, null);
      if (!selection.isNothing(locked)) events.change(selection.NOTHING);
    } else {
      const from = selection.pointed(hovered, locked);
      hover(selection.moveCell(from, action.down, action.right, nQuery, nKey), null);
    }
  }

  return {
    hovered: () => hovered,
    spot: () => spot,
    select,
    lock,
    hover,
    key,
    yield() {
      if (!spot) hovered = selection.NOTHING;
    },
  };
}
