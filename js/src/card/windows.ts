// Two heads on one prompt -> their patterns side by side; what is pointed at in one is marked in both and read out.
import { make } from "../kit/dom.ts";
import type { Palette, Unit } from "../kit/names.ts";
import { type Cell, isNothing, NOTHING } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { valueAt } from "../pattern/pattern.ts";
import { displayOf, formatValue, shownAt } from "../pattern/scale.ts";
import { patternWindow } from "./pattern_window.ts";
import type { WindowPicture } from "./props.ts";

export interface WindowsProps {
  readonly names: readonly [string, string];
  readonly pictures: readonly [WindowPicture | null, WindowPicture | null];
  readonly prompt: string;
  readonly unit: Unit;
  readonly excludeFirst: boolean;
  readonly palette: Palette;
  readonly theme: Theme;
  readonly waiting: boolean;
}

const HINT = "Point at a cell to read it in both";

/** The same places of the prompt in another pattern: special tokens are not in every model. */
export function sameCell(cell: Cell, from: WindowPicture, to: WindowPicture): Cell {
  const find = (index: number | null, places: readonly string[], others: readonly string[]) => {
    const at = index === null ? -1 : others.indexOf(places[index]);
    return at < 0 ? null : at;
  };
  return {
    query: find(cell.query, from.queryPlaces, to.queryPlaces),
    key: find(cell.key, from.keyPlaces, to.keyPlaces),
  };
}

/** What a head gives this cell; in words where there is no value. */
function valueText({ pictures, unit, excludeFirst }: WindowsProps, side: number, at: Cell): string {
  const { query, key } = at;
  const pattern = pictures[side]?.pattern;
  if (!pattern) return "";
  if (query === null || key === null) return `no such ${unit}`;
  const value = valueAt(pattern, query, key);
  if (value === null) return pattern.causal ? "masked (the future)" : "masked";
  if (pattern.block > 1) return `\u2264 ${formatValue(value)}`;
  if (!excludeFirst) return formatValue(value);
  const shown = shownAt(pattern, displayOf(pattern, "exclude_first"), query, key);
  const why = key === 0 ? `first ${unit}, left out` : "row undefined";
  if (shown === value) return formatValue(value);
  return `${formatValue(value)} (${shown === null ? why : `shown as ${formatValue(shown)}`})`;
}

export function windowsView(
  parent: HTMLElement,
  announce: (text: string) => void,
  signal: AbortSignal,
): (props: WindowsProps) => void {
  const row = make("div", "aw-windows");
  const readout = make("div", "aw-windows-readout");
  const box = make("div", "aw-windows-box", {}, row, readout);
  parent.append(box);
  let props: WindowsProps | null = null;
  let cells: [Cell, Cell] = [NOTHING, NOTHING];
  const windows = (["This head", "The head beside it"] as const).map((which, i) =>
    patternWindow(row, which, (cell, byKey) => point(i as 0 | 1, cell, byKey), signal),
  );

  function point(side: 0 | 1, cell: Cell, byKey: boolean): void {
    const from = props?.pictures[side];
    const to = props?.pictures[1 - side];
    const there = from && to ? sameCell(cell, from, to) : NOTHING;
    cells = side === 0 ? [cell, there] : [there, cell];
    show();
    const said = from && byKey ? spoken(from, cell) : "";
    if (said) announce(said);
  }

  function spoken({ queryTokens, keyTokens }: WindowPicture, { query, key }: Cell): string {
    if (!props || query === null || key === null) return "";
    const { names } = props;
    const values = names.map((name, i) => `${name} ${valueText(props!, i, cells[i])}`);
    const of = `${plainToken(queryTokens[query] ?? "")} to ${plainToken(keyTokens[key] ?? "")}`;
    return `${of}: ${values.join(", ")}`;
  }

  function show(): void {
    for (const [i, one] of windows.entries()) one.mark(cells[i]);
    if (!props) return;
    const { names, pictures } = props;
    const side = cells[0].query !== null && cells[0].key !== null ? 0 : 1;
    const { query, key } = cells[side];
    const picture = pictures[side];
    if (!picture || query === null || key === null) {
      readout.replaceChildren(make("span", "aw-hint", {}, HINT));
      return;
    }
    const chip = (token = "") => make("span", "aw-chip", {}, ...tokenNodes(token, 28));
    const values = names.map((name, i) =>
      make(
        "span",
        "aw-window-value",
        {},
        make("span", "aw-label", {}, name),
        make("span", "aw-value", {}, valueText(props!, i, cells[i])),
      ),
    );
    readout.replaceChildren(
      chip(picture.queryTokens[query]),
      make("span", "aw-arrow", {}, "\u2192"),
      chip(picture.keyTokens[key]),
      ...values,
    );
  }

  return (next) => {
    const before = props;
    props = next;
    const { names, pictures, ...shared } = next;
    box.classList.toggle("aw-waiting", next.waiting);
    const all = pictures.filter((picture) => picture !== null);
    const labels = {
      queryTokens: all.flatMap(({ queryTokens }) => queryTokens),
      keyTokens: all.flatMap(({ keyTokens }) => keyTokens),
    };
    for (const [i, one] of windows.entries()) {
      one.update({ ...shared, labels, picture: pictures[i], name: names[i] });
    }
    const other = before?.pictures.some((picture, i) => picture !== pictures[i]) ?? true;
    if (other && !cells.every(isNothing)) cells = [NOTHING, NOTHING];
    if (other) show();
  };
}
