// A row or a column of a pattern -> its values one by one: exact ones, or the largest of their blocks until those come.

import { type Axis, lineShown, lineValue } from "../pattern/line.ts";
import { type Pattern, valueAt } from "../pattern/pattern.ts";
import { type Display, isUndefined, shownAt } from "../pattern/scale.ts";
import type { Detail } from "./detail.ts";

export interface CellData {
  readonly pattern: Pattern;
  readonly display: Display;
  /** Whom to ask for what a pooled pattern has not. */
  readonly detail?: Detail | undefined;
}

export interface Along {
  /** false: no value is larger than what is given here. */
  readonly exact: boolean;
  /** null: masked or in the future; or, of `exact` ones alone, not known before they are shown. */
  value(at: number): number | null;
  /** null: masked, dropped or undefined. */
  shown(at: number): number | null;
}

/** `ask`: a line that is not here is asked for. */
export function along(data: CellData, axis: Axis, index: number, ask = true): Along {
  const { pattern, display, detail } = data;
  const row = axis === "query";
  const queryOf = (at: number) => (row ? index : at);
  const keyOf = (at: number) => (row ? at : index);
  if (pattern.block === 1) {
    return {
      exact: true,
      value: (at) => valueAt(pattern, queryOf(at), keyOf(at)),
      shown: (at) => shownAt(pattern, display, queryOf(at), keyOf(at)),
    };
  }
  const line = detail?.line(pattern, axis, index, ask);
  const future = (at: number) => pattern.causal && keyOf(at) > queryOf(at);
  const left = (at: number) => display.skipFirst && keyOf(at) === 0;
  if (line) {
    return {
      exact: true,
      value: (at) => (future(at) ? null : lineValue(line, at)),
      shown: (at) => (future(at) || left(at) ? null : lineShown(line, at)),
    };
  }
  const most = (at: number) => valueAt(pattern, queryOf(at), keyOf(at));
  return {
    exact: false,
    value: (at) => (pattern.shownAs === "linear" ? most(at) : null),
    shown: (at) =>
      left(at) || isUndefined(display, queryOf(at), queryOf(at) + 1) ? null : most(at),
  };
}
