// A head's relatives on every prompt -> a table of small patterns that open in linked widgets.

import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import type { Palette } from "../kit/names.ts";
import type { NamedHead } from "../kit/selection.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { pixelOf, ramp } from "../pattern/color.ts";
import { paintCanvas, type Thumbs } from "../pattern/thumbs.ts";
import { type Column, type Relative, rowGroups } from "./rows.ts";

export interface Card extends Thumbs {
  readonly head: string;
  readonly model: string;
  /** Patterns are shown without the first token. */
  readonly excludeFirst: boolean;
  readonly columns: readonly Column[];
  readonly rows: readonly Relative[];
}

export interface CardTableProps {
  readonly card: Card | null;
  /** The card of another head is on its way. */
  readonly waiting: boolean;
  /** The head that linked widgets show, and the prompt that was opened last. */
  readonly current: NamedHead;
  readonly prompt: string;
  readonly hovered: NamedHead | null;
  readonly palette: Palette;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
}

export interface CardTableEvents {
  /** Make a head the current one. */
  choose(row: Relative): void;
  /** Show a head's pattern on one prompt. */
  open(row: Relative, column: Column): void;
  hover(row: Relative | null): void;
}

export function cardTableView(
  parent: HTMLElement,
  events: CardTableEvents,
  signal: AbortSignal,
): (props: CardTableProps) => void {
  const root = make("div", "aw-root aw-relatives", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const title = make("strong", "aw-title");
  const about = make("span", "aw-label");
  const caption = make("caption", "aw-live");
  const head = make("thead", "");
  const table = make("table", "aw-relatives-table", {}, caption, head);
  const scroll = make("div", "aw-relatives-scroll", {}, table);
  const empty = make("div", "aw-empty", {}, "Waiting for the first card\u2026");
  root.append(make("div", "aw-controls", {}, title, about), scroll, empty);
  const status = statusView(root, signal);

  let props: CardTableProps | null = null;
  let shown: Card | null = null;
  let painted: unknown[] = [];
  /** What the table is entered at with the keyboard: column -1 holds the names. */
  let at = { row: 0, column: -1 };
  let announced = "";

  const buttonAt = (row: number, column: number) =>
    table.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`);
  const placeOf = (event: Event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-row]");
    return button && { row: Number(button.dataset.row), column: Number(button.dataset.column) };
  };

  listen(
    table,
    "click",
    (event) => {
      const place = placeOf(event);
      const row = place && shown?.rows[place.row];
      if (!place || !row) return;
      const column = shown!.columns[place.column];
      if (column) events.open(row, column);
      else events.choose(row);
    },
    signal,
  );
  const over = (event: Event) => {
    const name = (event.target as Element).closest<HTMLElement>("tr[data-head]");
    const index = name?.querySelector<HTMLElement>("[data-row]")?.dataset.row;
    return index === undefined ? null : (shown?.rows[Number(index)] ?? null);
  };
  listen(table, "pointerover", (event) => events.hover(over(event)), signal);
  listen(table, "pointerleave", () => events.hover(null), signal);

  // One stop for the tab key; arrows go from cell to cell.
  listen(
    table,
    "focusin",
    (event) => {
      const place = placeOf(event);
      if (place) enterAt(place);
    },
    signal,
  );
  listen(
    table,
    "keydown",
    (event) => {
      const place = placeOf(event);
      if (!place || !shown) return;
      const step = STEPS[event.key];
      if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const row = Math.min(shown.rows.length - 1, Math.max(0, place.row + step[0]));
      const column = Math.min(shown.columns.length - 1, Math.max(-1, place.column + step[1]));
      buttonAt(row, column)?.focus();
    },
    signal,
  );

  function enterAt(place: typeof at): void {
    buttonAt(at.row, at.column)?.setAttribute("tabindex", "-1");
    at = place;
    buttonAt(at.row, at.column)?.setAttribute("tabindex", "0");
  }

  function write(card: Card): void {
    const focused = table.contains(document.activeElement);
    setText(title, card.head);
    const of = card.model ? `of ${card.model}, and` : "and";
    const without = card.excludeFirst ? "; patterns without the first token" : "";
    setText(about, `${of} heads like it${without}`);
    setText(caption, `${card.head} and its relatives: a pattern for each head and prompt`);
    const texts = card.columns.map(({ text, prompt }) =>
      make("th", "", { scope: "col", title: prompt || text }, make("div", "", {}, text)),
    );
    head.replaceChildren(make("tr", "", {}, make("th", "", { scope: "col" }, "Head"), ...texts));
    for (const body of [...table.tBodies]) body.remove();
    table.append(...rowGroups(card.rows, card.columns));
    const row = Math.min(at.row, card.rows.length - 1);
    enterAt({ row, column: Math.min(at.column, card.columns.length - 1) });
    if (focused) buttonAt(at.row, at.column)?.focus({ preventScroll: true });
  }

  function paint(card: Card, palette: Palette): void {
    const now = [card, palette, theme()];
    if (now.every((value, i) => value === painted[i])) return;
    painted = now;
    const ink = { colors: ramp(palette, theme().dark), blank: pixelOf(theme().blank) };
    const canvases = table.querySelectorAll<HTMLCanvasElement>(".aw-thumb canvas");
    for (const [i, canvas] of canvases.entries()) paintCanvas(canvas, card, i, ink);
  }

  function mark(card: Card): void {
    const { current, hovered, prompt } = props!;
    const is = (row: Relative, head: NamedHead | null) =>
      head !== null &&
      row.layer === head.layer &&
      row.head === head.head &&
      (head.model === "" || row.model === "" || row.model === head.model);
    for (const [i, row] of card.rows.entries()) {
      const line = buttonAt(i, -1)?.closest("tr");
      if (!line) continue;
      const here = is(row, current);
      setAttributes(line, { "aria-current": here ? "true" : null });
      line.classList.toggle("aw-pointed", is(row, hovered));
      for (const [j, column] of card.columns.entries()) {
        const open = here && prompt !== "" && column.prompt === prompt;
        setAttributes(buttonAt(i, j)!, { "aria-current": open ? "true" : null });
      }
    }
  }

  function refresh(): void {
    if (!props) return;
    const { card } = props;
    status.update(props);
    scroll.hidden = card === null;
    empty.hidden = card !== null || props.error !== "";
    scroll.classList.toggle("aw-waiting", props.waiting);
    if (!card) return;
    if (card !== shown) {
      shown = card;
      write(card);
      if (announced !== "" && announced !== card.head) status.announce(`Card of ${card.head}`);
      announced = card.head;
    }
    paint(card, props.palette);
    mark(card);
  }

  return (next) => {
    props = next;
    refresh();
  };
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -1e6],
  End: [0, 1e6],
};
