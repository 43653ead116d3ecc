// All heads, filters and an order -> which heads are listed, one after the other.
import type { Column, HeadTable } from "../dossier/props.ts";

export interface Filter {
  /** In the name, or in any column of texts. */
  readonly text: string;
  /** Column -> the text that it must have. */
  readonly only: Readonly<Record<string, string>>;
}

export interface Order {
  /** "" for that of the atlas; "name" for the names'. */
  readonly by: string;
  readonly descending: boolean;
}

const textAt = ({ codes, texts }: Column, i: number) => (codes ? texts[codes[i]] : "");

/** Numbers of heads. Those without a value come last, whichever way the others go. */
export function rowsOf(
  table: HeadTable,
  { text, only }: Filter,
  { by, descending }: Order,
): number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const written = table.columns.filter(({ codes }) => codes);
  const kept = written.filter(({ name }) => only[name]);
  const rows: number[] = [];
  for (let i = 0; i < table.names.length; i++) {
    if (only.model && table.models[table.model[i]] !== only.model) continue;
    if (!kept.every((column) => textAt(column, i) === only[column.name])) continue;
    const all = [table.names[i], ...written.map((column) => textAt(column, i))]
      .join(" ")
      .toLowerCase();
    if (words.every((word) => all.includes(word))) rows.push(i);
  }
  const column = table.columns.find(({ name }) => name === by);
  if (by === "name" && descending) rows.reverse();
  if (!column) return rows;
  const sign = descending ? -1 : 1;
  if (column.values) {
    const { values } = column;
    const there = rows.filter((i) => Number.isFinite(values[i]));
    const missing = rows.filter((i) => !Number.isFinite(values[i]));
    return [...there.sort((a, b) => sign * (values[a] - values[b]) || a - b), ...missing];
  }
  return rows.sort((a, b) => sign * textAt(column, a).localeCompare(textAt(column, b)) || a - b);
}
