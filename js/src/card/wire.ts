// A head card as Python sent it -> its rows, columns and small patterns.
import { arrayOf, type WireArray } from "../host/arrays.ts";
import type { Card } from "./props.ts";
import type { Relative } from "./rows.ts";

export interface WireCard {
  /** Whose relatives the rows are. */
  head: string;
  model: string;
  /** The patterns are shown without the first token. */
  exclude_first?: boolean;
  /** `text` is short; `prompt` is what a run can run, "" where there is no such text. */
  columns: {
    text: string;
    prompt: string;
    /** How many cells of the pattern a side of its pictures shows, each as often as it takes to fill them. */
    cells?: number;
  }[];
  rows: Relative[];
  /** uint8 [row * column, side, side], value = code / 255 */
  thumbs: WireArray<"uint8">;
}

/** null where nothing was sent yet. */
export function decodeCard(wire: WireCard | object | null | undefined): Card | null {
  if (!wire || !("rows" in wire)) return null;
  const { head, model, columns, rows, thumbs } = wire;
  const [count, side, width] = thumbs.shape;
  const expected = rows.length * columns.length;
  if (count !== expected || side !== width) {
    throw new Error(
      `thumbs have shape [${thumbs.shape.join(", ")}]; expected ${expected} squares, ` +
        `${rows.length} rows by ${columns.length} columns`,
    );
  }
  const cells = rows.flatMap(() => columns.map((column) => column.cells ?? side));
  const excludeFirst = wire.exclude_first ?? false;
  return {
    head,
    model,
    excludeFirst,
    columns,
    rows,
    codes: arrayOf("thumbs", thumbs, "uint8"),
    side,
    cells,
  };
}
