// The cell, row or column that is pointed at -> one line in words and numbers.
import { make } from "../kit/dom.ts";
import type { Unit } from "../kit/names.ts";
import { besideOf, roomAround } from "../kit/popup.ts";
import type { Cell } from "../kit/selection.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import type { Axis } from "../pattern/line.ts";
import { isSigned, rowLength } from "../pattern/pattern.ts";
import { formatValue } from "../pattern/scale.ts";
import { type Along, along, type CellData } from "./values.ts";

/** The line through a cell that the strip shows as well. */
export const AXIS_OF = { attends_to: "query", attended_by: "key" } as const;

export interface ReadoutData extends CellData {
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
  readonly unit: Unit;
  /** Whether rows or columns of a pooled pattern are asked for. */
  readonly axis?: Axis;
}

export interface Reading {
  readonly query: number | null;
  readonly key: number | null;
  readonly value: string;
  /** The displayed number where it differs from the true one, or a remark. */
  readonly extra: string;
}

/** The strongest cell of a row or of a column: by value, or where values have a sign by their size. */
function strongest({ pattern }: ReadoutData, cell: Cell, line: Along): Cell {
  let best: Cell = cell;
  let most = Number.NEGATIVE_INFINITY;
  const n = cell.query !== null ? rowLength(pattern, cell.query) : pattern.nQuery;
  for (let i = 0; i < n; i++) {
    const value = line.value(i);
    const strength = value !== null && isSigned(pattern.kind) ? Math.abs(value) : value;
    if (strength !== null && strength > most) {
      most = strength;
      best = cell.query !== null ? { query: cell.query, key: i } : { query: i, key: cell.key };
    }
  }
  return best;
}

/** The exact row or column through a cell, whichever is here; else the one that is asked for. */
function through(data: ReadoutData, query: number, key: number): { line: Along; at: number } {
  const { axis = "query" } = data;
  const row = { line: along(data, "query", query, axis === "query"), at: key };
  if (row.line.exact) return row;
  const column = { line: along(data, "key", key, axis === "key"), at: query };
  return column.line.exact ? column : row;
}

export function read(data: ReadoutData, cell: Cell): Reading | null {
  if (cell.query === null && cell.key === null) return null;
  const { pattern, display } = data;
  const whole = cell.query !== null && cell.key !== null;
  let found = cell;
  if (!whole) {
    const axis = cell.query !== null ? "query" : "key";
    const line = along(data, axis, (cell.query ?? cell.key)!);
    if (!line.exact)
      return {
        ...cell,
        value: "\u2026",
        extra: ["strongest", hope(data)].filter(Boolean).join("; "),
      };
    found = strongest(data, cell, line);
  }
  const { query, key } = found;
  if (query === null || key === null) return { ...cell, value: "", extra: "no values" };
  const { line, at } = through(data, query, key);
  const value = line.value(at);
  const shown = line.shown(at);
  if (!line.exact && (shown !== null || value !== null)) {
    return { query, key, ...atMost(data, shown ?? value!) };
  }
  if (value === null) {
    const why = pattern.causal && key > query ? "masked (the future)" : "masked";
    return { query, key, value: "", extra: why };
  }
  let extra = whole ? "" : "strongest";
  if (display.rows || pattern.shownAs !== "linear") {
    const note =
      shown !== null
        ? `shown as ${formatValue(shown)}`
        : display.skipFirst && key === 0
          ? `first ${data.unit}, left out`
          : "row undefined";
    extra = extra ? `${extra}, ${note}` : note;
  }
  const sign = isSigned(pattern.kind) && value > 0 ? "+" : "";
  return { query, key, value: sign + formatValue(value), extra };
}

/** Whether more will be known. */
function hope({ detail }: ReadoutData): string {
  if (!detail) return "";
  return detail.askable ? "the exact value is on its way" : "exact on the rows chosen only";
}

/** What is known of a cell by the largest value around it. */
function atMost(data: ReadoutData, most: number): Omit<Reading, "query" | "key"> {
  const { pattern } = data;
  const why = [`largest of ${pattern.block} \u00d7 ${pattern.block} cells`, hope(data)]
    .filter(Boolean)
    .join("; ");
  const size = isSigned(pattern.kind) ? `\u00b1${formatValue(Math.abs(most))}` : formatValue(most);
  const value = `\u2264 ${size}`;
  return pattern.shownAs === "linear"
    ? { value, extra: why }
    : { value: "", extra: `shown as ${value}, ${why}` };
}

function readingNodes(data: ReadoutData, reading: Reading, most = 28): Node[] {
  const side = (tokens: readonly string[], index: number | null) =>
    make(
      "span",
      "aw-chip",
      {},
      ...(index === null ? ["any"] : tokenNodes(tokens[index] ?? "", most)),
    );
  return [
    side(data.queryTokens, reading.query),
    make("span", "aw-arrow", {}, "\u2192"),
    side(data.keyTokens, reading.key),
    make("span", "aw-value", {}, reading.value),
    make("span", "aw-extra", {}, reading.extra),
  ];
}

export function readingText(data: ReadoutData, reading: Reading): string {
  const name = (tokens: readonly string[], index: number | null) =>
    index === null ? `any ${data.unit}` : `${plainToken(tokens[index] ?? "")} (${index})`;
  return `${name(data.queryTokens, reading.query)} to ${name(data.keyTokens, reading.key)}: ${reading.value} ${reading.extra}`.trim();
}

/** A line whose room is kept free while it has nothing to say. */
export function readoutView(
  parent: Element,
): (data: ReadoutData, cell: Cell, hint: string) => void {
  const words = make("span", "aw-reading");
  const where = make("span", "aw-where");
  parent.append(make("div", "aw-readout", {}, words, where));
  return (data, cell, hint) => {
    const reading = read(data, cell);
    if (!reading) {
      words.replaceChildren(make("span", "aw-hint", {}, hint));
      where.textContent = "";
      return;
    }
    words.replaceChildren(...readingNodes(data, reading));
    where.textContent = `query ${reading.query ?? "any"}, key ${reading.key ?? "any"}`;
  };
}

/** A small card beside the pointer. It lies over the plot and takes no room. */
export function tooltip(
  parent: HTMLElement,
): (data: ReadoutData, cell: Cell, x: number, y: number) => void {
  const element = make("div", "aw-tip", { hidden: true, role: "tooltip" });
  parent.append(element);
  return (data, cell, x, y) => {
    const reading = cell.query === null || cell.key === null ? null : read(data, cell);
    element.hidden = reading === null;
    if (!reading) return;
    element.replaceChildren(...readingNodes(data, reading, 18));
    const { across, down } = roomAround(parent);
    element.style.maxWidth = `${across.to - across.from}px`;
    const left = besideOf(x, element.offsetWidth, across, 14);
    const top = besideOf(y, element.offsetHeight, down, 16);
    element.style.transform = `translate(${left}px, ${top}px)`;
  };
}
