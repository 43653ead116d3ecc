// A head's scores -> a card each: its value, and where it stands among all heads; a click walks the heads in its order.
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { bars } from "./bars.ts";
import { rankOf, short, spreadOf } from "./numbers.ts";
import type { Column, DossierProps, HeadPage, HeadTable } from "./props.ts";
import { section } from "./section.ts";

const NO_SCORES = ["depth", "n_passages"];

export function scoresView(
  parent: Element,
  order: (name: string) => void,
  signal: AbortSignal,
): (props: DossierProps, ordered: string) => void {
  const { element, hint, body } = section("aw-scores", "Scores among all heads");
  parent.append(element);
  const grid = make("div", "aw-score-grid");
  body.append(grid);
  let shown: unknown[] = [];
  listen(
    grid,
    "click",
    (event) => {
      const card = (event.target as Element).closest<HTMLElement>(".aw-score");
      if (card) order(card.getAttribute("aria-pressed") === "true" ? "" : card.dataset.score!);
    },
    signal,
  );
  return ({ page, table }, ordered) => {
    if (!page || !table) return;
    const index = table.indices.get(page.name);
    if (index === undefined) return;
    if (shown[0] !== page.name || shown[1] !== table || shown[2] !== page.scores) {
      shown = [page.name, table, page.scores];
      const focused = (document.activeElement as HTMLElement | null)?.dataset.score;
      const columns = table.columns.filter(
        ({ values, of, name }) => values && !of && !NO_SCORES.includes(name),
      );
      const held = grid.contains(document.activeElement);
      grid.replaceChildren(...columns.map((column) => cardOf(table, page, column, index)));
      if (held)
        grid.querySelector<HTMLElement>(`[data-score="${CSS.escape(focused ?? "")}"]`)?.focus();
      const several = table.models.length > 1;
      const faint = several ? `; faint: all ${table.models.length} models` : "";
      setText(
        hint,
        `heads of ${page.model}, the mark is this one${faint}; click one to walk in its order`,
      );
    }
    for (const card of grid.querySelectorAll<HTMLElement>(".aw-score"))
      setAttributes(card, { "aria-pressed": String(card.dataset.score === ordered) });
  };
}

function cardOf(table: HeadTable, page: HeadPage, column: Column, index: number): HTMLElement {
  const values = column.values!;
  const model = table.model[index];
  const spread = spreadOf(table, column, model)!;
  const value = values[index];
  const there = Number.isFinite(value);
  const at =
    there && spread.high > spread.low ? (value - spread.low) / (spread.high - spread.low) : null;
  const own = rankOf(values, index, (i) => table.model[i] === model);
  const all = table.models.length > 1 ? rankOf(values, index, () => true) : null;
  const place = page.scores.names.indexOf(column.name);
  const std = place < 0 ? Number.NaN : page.scores.std[place];
  const label = make("span", "aw-score-label");
  if (column.color) {
    const swatch = make("span", "aw-swatch", { "aria-hidden": "true" });
    swatch.style.backgroundColor = column.color;
    label.append(swatch);
  }
  label.append(column.label);
  const ranked = own ? `${own.rank} of ${own.of}` : "no value";
  const inAll = all ? `, ${all.rank} of ${all.of} in all` : "";
  const spreadText = Number.isFinite(std) ? ` \u00b1 ${short(std)}` : "";
  return make(
    "button",
    "aw-score",
    {
      type: "button",
      "data-score": column.name,
      title: [column.about, `From ${short(spread.low)} to ${short(spread.high)}.`]
        .filter(Boolean)
        .join(" "),
      "aria-label": `${column.label}: ${short(value)}${spreadText}, rank ${ranked}${inAll}`,
    },
    label,
    make(
      "span",
      "aw-score-line",
      {},
      make("span", "aw-value", {}, short(value)),
      make("span", "aw-score-std", {}, spreadText),
    ),
    bars(spread.own, at, table.models.length > 1 ? spread.all : null),
    make("span", "aw-score-rank", {}, `${ranked}${inAll}`),
  );
}
