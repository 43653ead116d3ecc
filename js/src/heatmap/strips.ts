// The token strip with its switch. Where queries and keys are different texts: one to point in, one to read.

import { switcher } from "../kit/controls.ts";
import { make } from "../kit/dom.ts";
import { type Cell, NOTHING } from "../kit/selection.ts";
import { positionOf } from "../pattern/scale.ts";
import type { StripMode } from "./props.ts";
import { stripView } from "./strip.ts";
import type { StripWindows } from "./strip_window.ts";
import { along, type CellData } from "./values.ts";

export interface StripsProps extends CellData {
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
  readonly generatedFrom: number | null;
  readonly mode: StripMode;
  readonly hovered: Cell;
  readonly locked: Cell;
  readonly colors: Uint32Array;
}

export interface StripsEvents {
  mode(mode: StripMode): void;
  hover(cell: Cell): void;
  click(cell: Cell): void;
}

/** `tools` stand below the switch. */
export function stripsView(
  parent: HTMLElement,
  tools: HTMLElement,
  events: StripsEvents,
  signal: AbortSignal,
  windows?: StripWindows,
): (props: StripsProps) => void {
  const box = make("div", "aw-strips");
  parent.append(box);
  const side = make("div", "aw-strip-side");
  box.append(side);
  const setMode = switcher<StripMode>(
    side,
    "What the tokens show",
    [
      { value: "attends_to", label: "Attends to", title: "What a query attends to: its row" },
      {
        value: "attended_by",
        label: "Attended by",
        title: "Which queries attend to a key: its column",
      },
    ],
    events.mode,
    signal,
  );
  side.append(tools);
  const column = make("div", "aw-strip-column");
  box.append(column);
  let back = false;
  const onAxis = (index: number | null): Cell =>
    back ? { query: null, key: index } : { query: index, key: null };
  const source = stripView(
    column,
    {
      hover: (index) => events.hover(onAxis(index)),
      click: (index) => events.click(onAxis(index)),
      other: (index) => events.click(onBoth(index)),
    },
    signal,
    windows,
  );
  let active: number | null = null;
  /** A token of the other text: with the one that is pointed at or locked it makes a cell. */
  const onBoth = (index: number): Cell =>
    back ? { query: index, key: active } : { query: active, key: index };
  const target = stripView(
    column,
    {
      hover: (index) => events.hover(index === null ? NOTHING : onBoth(index)),
      click: (index) => events.click(onBoth(index)),
      other: (index) => events.click(onBoth(index)),
    },
    signal,
    windows,
  );

  return (props) => {
    const { display, queryTokens, keyTokens, mode, hovered, locked, colors } = props;
    setMode(mode);
    back = mode === "attended_by";
    active = back ? (hovered.key ?? locked.key) : (hovered.query ?? locked.query);
    const line = active === null ? null : along(props, back ? "key" : "query", active);
    const weight = (index: number): number | null => {
      const shown = line?.shown(index) ?? null;
      return shown === null ? null : positionOf(display, shown);
    };
    const value = line?.exact ? line.shown : null;
    const paired = queryTokens !== keyTokens;
    const { generatedFrom } = props;
    source.update({
      generatedFrom,
      colors,
      active,
      locked: back ? locked.key : locked.query,
      tokens: back ? keyTokens : queryTokens,
      weight: paired ? () => null : weight,
      value: paired ? null : value,
      label: back
        ? "Keys: point at one to see who attends to it"
        : "Queries: point at one to see what it attends to",
    });
    target.show(paired);
    if (!paired) return;
    const tokens = back ? queryTokens : keyTokens;
    target.update({
      generatedFrom,
      colors,
      weight,
      value,
      tokens,
      active: back ? (hovered.query ?? locked.query) : (hovered.key ?? locked.key),
      locked: back ? locked.query : locked.key,
      label: `${back ? "Queries" : "Keys"}: point at one to read its value`,
    });
  };
}
