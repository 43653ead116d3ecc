// Filters by name, model, depth, motif and class -> a panel of native controls, and the filters that they make.

import { listen, make, setText } from "../kit/dom.ts";
import { eachFrame } from "../kit/frames.ts";
import { type Filters, keysOf, withFilter } from "./filters.ts";
import { type Categories, columnNamed, type HeadMap, NO_VALUE } from "./head_map.ts";

/** Their values can be ticked one by one. */
const LISTED = ["model", "motif", "class", "cluster"];
const MOST_LISTED = 80;

export interface FilterPanel {
  readonly element: HTMLElement;
  update(map: HeadMap, filters: Filters): void;
}

export function filterPanel(change: (filters: Filters) => void, signal: AbortSignal): FilterPanel {
  const name = make("input", "aw-text aw-filter-name", {
    type: "search",
    placeholder: "L5, induction@3 \u2026",
    autocomplete: "off",
    spellcheck: "false",
  });
  const low = make("input", "aw-slider", { type: "range", min: 0, max: 1, step: 0.01 });
  const high = low.cloneNode() as HTMLInputElement;
  low.setAttribute("aria-label", "Least depth");
  high.setAttribute("aria-label", "Greatest depth");
  const depths = make("output", "aw-slider-value");
  const depth = field("Depth", make("span", "aw-filter-depth", {}, low, high, depths));
  const lists = make("div", "aw-filter-lists");
  const element = make(
    "div",
    "aw-filters",
    { role: "group", "aria-label": "Filters", hidden: true },
    make("div", "aw-filter-row", {}, field("Name has", name), depth),
    lists,
  );
  let filters: Filters = {};
  let listed: HeadMap | null = null;
  let boxes: HTMLInputElement[] = [];

  const sendName = eachFrame(() => {
    change(withFilter(filters, "name", name.value.trim() || null));
  }, signal);
  listen(name, "input", sendName, signal);
  // notebooks have single-key shortcuts of their own
  listen(element, "keydown", (event) => event.stopPropagation(), signal);
  const sendDepth = eachFrame(() => {
    const range = [Number(low.value), Number(high.value)].sort((a, b) => a - b);
    change(withFilter(filters, "depth", range[0] > 0 || range[1] < 1 ? range : null));
  }, signal);
  listen(low, "input", sendDepth, signal);
  listen(high, "input", sendDepth, signal);
  listen(
    lists,
    "change",
    (event) => {
      const { column } = (event.target as HTMLElement).dataset;
      if (column === undefined) return;
      const ticked = boxes.filter((box) => box.checked && box.dataset.column === column);
      const values = ticked.map(({ dataset }) => dataset.value ?? "");
      change(withFilter(filters, column, values));
    },
    signal,
  );

  function list(map: HeadMap): void {
    listed = map;
    const columns = LISTED.flatMap((one) => columnNamed(map, one) ?? []).filter(
      (column): column is Categories =>
        column.type === "category" &&
        column.values.length > (column.name === "model" ? 1 : 0) &&
        column.values.length <= MOST_LISTED,
    );
    lists.replaceChildren(...columns.map(checklist));
    boxes = [...lists.querySelectorAll<HTMLInputElement>("input")];
    depth.hidden = columnNamed(map, "depth") === undefined;
  }

  return {
    element,
    update(map, next) {
      filters = next;
      if (map.columns !== listed?.columns) list(map);
      const text = typeof next.name === "string" ? next.name : "";
      if (name.value.trim() !== text) name.value = text;
      const [from, to] = (next.depth ?? [0, 1]) as readonly number[];
      // One that is dragged past the other keeps its place under the pointer.
      if (Math.min(Number(low.value), Number(high.value)) !== from) low.value = String(from);
      if (Math.max(Number(low.value), Number(high.value)) !== to) high.value = String(to);
      setText(depths, `${from.toFixed(2)} to ${to.toFixed(2)}`);
      for (const box of boxes) {
        const wanted = next[box.dataset.column ?? ""] as readonly string[] | undefined;
        box.checked = wanted?.includes(box.dataset.value ?? "") ?? false;
      }
    },
  };
}

function field(label: string, control: HTMLElement): HTMLElement {
  // a group of two controls has labels of its own
  const tag = control instanceof HTMLInputElement ? "label" : "span";
  return make(tag, "aw-field", {}, make("span", "aw-label", {}, label), control);
}

function checklist(column: Categories): HTMLElement {
  const keys = keysOf(column);
  const counts = new Uint32Array(keys.length + 1);
  for (const code of column.codes) counts[code === NO_VALUE ? keys.length : code]++;
  for (const [, code] of column.others ?? []) counts[code]++;
  const entries = [...keys.keys(), keys.length].filter((code) => counts[code] > 0);
  return make(
    "fieldset",
    "aw-filter-list",
    {},
    make("legend", "aw-label", {}, column.label),
    make(
      "div",
      "aw-filter-values",
      {},
      ...entries.map((code) =>
        make(
          "label",
          "aw-filter-value",
          {},
          make("input", "", {
            type: "checkbox",
            "data-column": column.name,
            "data-value": keys[code] ?? "",
          }),
          make("span", "", {}, column.values[code] ?? "none"),
          make("span", "aw-scatter-count", {}, String(counts[code])),
        ),
      ),
    ),
  );
}
