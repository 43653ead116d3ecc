// All heads as small cells with their contribution -> says which one is selected, held or knocked out.
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import type { Head } from "../kit/selection.ts";
import { headName } from "../pattern/pattern.ts";
import { boardCells } from "./board_cells.ts";
import { colorKey } from "./color_key.ts";
import { type HeadActionsEvents, headActions } from "./head_actions.ts";
import { layerHeads, toggleHeld } from "./holding.ts";
import { section } from "./section.ts";
import { followDark, largest } from "./tint.ts";

export interface HeadBoardProps {
  readonly nLayers: number;
  readonly nHeads: number;
  readonly layer: number;
  readonly head: number;
  /** Whose patterns are held, "L0H3"; null: all of them. */
  readonly heads: string[] | null;
  readonly knockedOut: string[];
  readonly frozen: boolean;
  /** [layer, head]; null while not known */
  readonly contributions: Float32Array | null;
  readonly editable: boolean;
}

export interface HeadBoardEvents extends HeadActionsEvents {
  select(head: Head): void;
}

export function headBoardView(
  parent: Element,
  events: HeadBoardEvents,
  signal: AbortSignal,
): (props: HeadBoardProps) => void {
  const { element, bar, body, update } = section(parent, "aw-board", "Heads");
  const isDark = followDark(element, () => refresh(), signal);
  let props: HeadBoardProps | null = null;

  const setActions = headActions(body, events, signal);
  const cells = boardCells(body);
  const count = make("span", "aw-hint aw-board-count");
  bar.append(make("span", "aw-output-title", {}, "Heads"), count);
  const setKey = colorKey(bar, "contribution");

  const select = ({ layer, head }: Head) => {
    if (props && (layer !== props.layer || head !== props.head)) events.select({ layer, head });
  };
  listen(
    cells.element,
    "click",
    (event) => {
      const place = cells.placeOf(event.target as Element);
      if (!place || !props) return;
      if (place.head >= 0) select(place);
      else if (props.editable) {
        events.hold(toggleHeld(props.heads, layerHeads(place.layer, props), props));
      }
    },
    signal,
  );
  listen(
    cells.element,
    "keydown",
    (event) => {
      const place = cells.placeOf(event.target as Element);
      if (!place || !props || event.ctrlKey || event.metaKey || event.altKey) return;
      const to = step(place, event.key, props);
      if (!to) return;
      event.preventDefault();
      event.stopPropagation();
      cells.focus(to);
      if (to.head >= 0) select(to);
    },
    signal,
  );

  function refresh(): void {
    if (!props) return;
    const { nLayers, nHeads, heads, knockedOut, contributions, frozen } = props;
    update(nLayers * nHeads > 0 ? "" : "No heads yet", false);
    setActions(props);
    const dark = isDark();
    const fits = contributions?.length === nLayers * nHeads ? contributions : null;
    const most = largest(fits ?? []);
    cells.update({ ...props, contributions: fits, most, dark });
    setKey(fits ? most : null, dark);
    const held = heads?.length ?? nLayers * nHeads;
    setText(
      count,
      `${frozen ? "held" : "to be held"}: ${heads === null ? "all" : held} \u00b7 knocked out: ${knockedOut.length}`,
    );
    setAttributes(element, { "data-selected": headName(props.layer, props.head) });
  }

  return (next) => {
    props = next;
    refresh();
  };
}

/** Head -1 is the label of a layer. The edges hold. */
function step(
  { layer, head }: Head,
  key: string,
  { nLayers, nHeads, editable }: HeadBoardProps,
): Head | null {
  const first = editable ? -1 : 0;
  const to = (down: number, right: number): Head => ({
    layer: Math.min(nLayers - 1, Math.max(0, layer + down)),
    head: Math.min(nHeads - 1, Math.max(first, head + right)),
  });
  switch (key) {
    case "ArrowUp":
      return to(-1, 0);
    case "ArrowDown":
      return to(1, 0);
    case "ArrowLeft":
      return to(0, -1);
    case "ArrowRight":
      return to(0, 1);
    case "Home":
      return to(0, -nHeads);
    case "End":
      return to(0, nHeads);
    default:
      return null;
  }
}
