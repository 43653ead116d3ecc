// What is left out -> a line that says how many heads are shown, each filter a button that takes it away.

import { button } from "../kit/controls.ts";
import { listen, make, setText } from "../kit/dom.ts";
import { type Filters, filterText, withFilter } from "./filters.ts";
import type { HeadMap } from "./head_map.ts";

export interface ShownLineProps {
  readonly map: HeadMap;
  readonly filters: Filters;
  /** How many points filters let through. */
  readonly points: number;
  /** How many of these have no value on an axis; and what the axes are. */
  readonly missing: number;
  readonly axes: string;
}

export function shownLine(
  parent: Element,
  change: (filters: Filters) => void,
  signal: AbortSignal,
): (props: ShownLineProps) => void {
  const count = make("span", "aw-shown-count");
  const chips = make("span", "aw-shown-chips");
  const clear = button("Show all heads", null, () => change({}), signal);
  const element = make("div", "aw-shown-line", { hidden: true }, count, chips, clear);
  parent.append(element);
  let last: ShownLineProps | null = null;
  listen(
    chips,
    "click",
    (event) => {
      const name = (event.target as Element).closest<HTMLElement>("[data-filter]")?.dataset.filter;
      if (name !== undefined && last) change(withFilter(last.filters, name, null));
    },
    signal,
  );

  return (props) => {
    const { map, filters, points, missing, axes } = props;
    const names = Object.keys(filters);
    element.hidden = names.length === 0 && missing === 0;
    const what = map.info.point === "pattern" ? "patterns" : "heads";
    const all = map.info.n.toLocaleString("en");
    const of = names.length ? `${points.toLocaleString("en")} of ${all} ${what}` : `${all} ${what}`;
    const without = `; ${missing.toLocaleString("en")} without a value of ${axes}`;
    setText(count, `${of}${missing ? without : ""}`);
    clear.hidden = names.length < 2;
    if (last?.filters !== filters || last.map.columns !== map.columns) {
      chips.replaceChildren(
        ...names.map((name) => {
          const text = filterText(map, name, filters[name]);
          const title = `Take this filter away: ${text}`;
          const attributes = { type: "button", "data-filter": name, "aria-label": title, title };
          return make("button", "aw-button aw-shown-chip", attributes, text, " \u00d7");
        }),
      );
    }
    last = props;
  };
}
