// A head card as Python sent it -> its rows, columns and small patterns.

import { bytesOf, expectLength } from "../pattern/wire.ts";
import type { Card } from "./props.ts";
import type { WireCard } from "./traits.ts";

/** null where nothing was sent yet. */
export function decodeCard(wire: WireCard | object | null | undefined): Card | null {
  if (!wire || !("rows" in wire)) return null;
  const { head, model, columns, rows, thumbs } = wire;
  const [count, side, width] = thumbs.shape;
  const expected = rows.length * columns.length;
  if (thumbs.dtype !== "uint8") throw new Error(`thumbs are ${thumbs.dtype}; expected uint8`);
  if (count !== expected || side !== width) {
    throw new Error(
      `thumbs have shape [${thumbs.shape.join(", ")}]; expected ${expected} squares, ` +
        `${rows.length} rows by ${columns.length} columns`,
    );
  }
  expectLength("thumbs", thumbs.data.byteLength, count * side * side);
  const cells = rows.flatMap(() => columns.map((column) => column.cells ?? side));
  const excludeFirst = wire.exclude_first ?? false;
  return { head, model, excludeFirst, columns, rows, codes: bytesOf(thumbs.data), side, cells };
}
