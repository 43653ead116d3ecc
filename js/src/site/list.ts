// All heads of an atlas -> a table to search, to filter and to sort by any column; names lead to the heads' pages.
import { short } from "../dossier/numbers.ts";
import type { Column, HeadTable } from "../dossier/props.ts";
import { choice } from "../kit/controls.ts";
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { followTheme } from "../kit/theme.ts";
import { addressOf } from "./address.ts";
import { type Filter, type Order, rowsOf } from "./rows.ts";

/** Rows are written as they come into sight. */
const AT_ONCE = 120;
const FILTERED = ["motif", "class", "cluster"];
/** Scores are read the most first, texts from A. */
const firstWay = (column: Column | undefined) => column?.values != null;

export function listView(
  parent: HTMLElement,
  table: HeadTable,
  title: string,
  passages: number,
  signal: AbortSignal,
): void {
  const root = make("div", "aw-root aw-heads");
  parent.append(root);
  followTheme(root, () => {}, signal);
  const count = make("span", "aw-label", { role: "status" });
  const search = make("input", "aw-text aw-heads-search", {
    type: "search",
    placeholder: "Search: L5H1, induction",
    "aria-label": "Search the heads",
    autocomplete: "off",
    spellcheck: "false",
  });
  const bar = make("div", "aw-controls", {}, search);
  const heading = make("h1", "aw-heads-title", {}, title);
  const about = `${table.names.length.toLocaleString("en")} heads on ${passages.toLocaleString("en")} passages`;
  root.append(heading, make("p", "aw-label", {}, about), bar);
  const head = make("tr", "");
  const body = make("tbody", "");
  const caption = make("caption", "aw-live", {}, "All heads; the buttons of the columns sort them");
  const element = make("table", "aw-heads-table", {}, caption, make("thead", "", {}, head), body);
  const more = make("div", "aw-heads-more");
  root.append(
    make(
      "div",
      "aw-heads-scroll",
      { tabindex: 0, role: "region", "aria-label": "Heads" },
      element,
      more,
    ),
  );

  let filter: Filter = { text: "", only: {} };
  let order: Order = { by: "", descending: false };
  let derived = false;
  let rows: number[] = [];
  let written = 0;

  const setFilters = filterFields(
    bar,
    table,
    (name, value) => {
      narrow({ ...filter, only: { ...filter.only, [name]: value } });
    },
    signal,
  );
  const all = make("input", "", { type: "checkbox" });
  if (table.columns.some(({ of }) => of))
    bar.append(
      make(
        "label",
        "aw-field",
        {},
        all,
        make("span", "aw-label", {}, "deviations, lifts and bits"),
      ),
    );
  bar.append(count);

  function narrow(next: Filter): void {
    filter = next;
    list();
  }

  const columnsNow = () => table.columns.filter(({ of }) => derived || !of);

  function header(): void {
    const titles: [string, string, string][] = [
      ["name", "head", "In the order of layers"],
      ...columnsNow().map(({ name, label, about }): [string, string, string] => [
        name,
        label,
        about,
      ]),
    ];
    head.replaceChildren(
      ...titles.map(([name, label, about]) => {
        const button = make(
          "button",
          "aw-sort",
          { type: "button", "data-column": name, title: about || null },
          label,
        );
        return make("th", "", { scope: "col" }, button);
      }),
    );
  }

  function sorted(): void {
    for (const button of head.querySelectorAll<HTMLElement>(".aw-sort")) {
      const here = button.dataset.column === (order.by || "name");
      const way = order.descending ? "descending" : "ascending";
      setAttributes(button.closest("th")!, { "aria-sort": here ? way : null });
    }
  }

  function list(): void {
    rows = rowsOf(table, filter, order);
    written = 0;
    body.replaceChildren();
    setFilters(filter);
    sorted();
    const found = rows.length.toLocaleString("en");
    setText(count, rows.length === table.names.length ? "" : `${found} found`);
    write();
  }

  function write(): void {
    const columns = columnsNow();
    const end = Math.min(rows.length, written + AT_ONCE);
    const lines = rows.slice(written, end).map((i) => {
      const name = make("a", "", { href: addressOf(table.names[i]) }, table.names[i]);
      return make(
        "tr",
        "",
        {},
        make("th", "", { scope: "row" }, name),
        ...columns.map((column) => cell(column, i)),
      );
    });
    body.append(...lines);
    written = end;
    more.hidden = written >= rows.length;
  }

  listen(search, "input", () => narrow({ ...filter, text: search.value }), signal);
  listen(
    all,
    "change",
    () => {
      derived = all.checked;
      header();
      list();
    },
    signal,
  );
  listen(
    head,
    "click",
    (event) => {
      const by = (event.target as Element).closest<HTMLElement>(".aw-sort")?.dataset.column;
      if (by === undefined) return;
      const same = (order.by || "name") === by;
      const column = table.columns.find(({ name }) => name === by);
      order = { by, descending: same ? !order.descending : firstWay(column) };
      list();
    },
    signal,
  );
  const sight = new IntersectionObserver(
    (seen) => seen.some(({ isIntersecting }) => isIntersecting) && write(),
    {
      rootMargin: "600px",
    },
  );
  sight.observe(more);
  signal.addEventListener("abort", () => sight.disconnect(), { once: true });
  header();
  list();
}

/** A choice for each column of texts that heads are told apart by. */
function filterFields(
  bar: Element,
  table: HeadTable,
  choose: (name: string, value: string) => void,
  signal: AbortSignal,
): (filter: Filter) => void {
  const models = { name: "model", label: "Model", texts: table.models };
  const offered = [
    models,
    ...table.columns.filter(({ codes, name }) => codes && FILTERED.includes(name)),
  ].filter(({ texts }) => texts.some((text) => text !== "" && text !== texts[0]));
  const setters = offered.map(({ name, label, texts }) => {
    const set = choice(bar, label, (value: string) => choose(name, value), signal);
    const options = [...texts]
      .filter(Boolean)
      .sort()
      .map((text) => ({ value: text, label: text.replaceAll("_", " ") }));
    return ({ only }: Filter) => set(only[name] ?? "", [{ value: "", label: "all" }, ...options]);
  });
  return (filter) => {
    for (const set of setters) set(filter);
  };
}

function cell({ values, codes, texts }: Column, i: number): HTMLElement {
  if (values) return make("td", "aw-heads-number", {}, short(values[i]));
  return make("td", "", {}, codes ? texts[codes[i]].replaceAll("_", " ") : "");
}
