// Means of scores on each kind of passage -> a table in colour.
import { make } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { cssColor, ramp, rampIndex, wantsDarkText } from "../pattern/color.ts";
import { short, spreadOf } from "./numbers.ts";
import type { DossierProps } from "./props.ts";
import { section } from "./section.ts";

const HINT =
  "the fuller the colour, the more; each column goes from the least to the most that a head has over all passages";

export function kindsView(parent: Element): (props: DossierProps, theme: Theme) => void {
  const { element, hint, body } = section("aw-kinds", "Scores by kind of passage");
  hint.textContent = HINT;
  parent.append(element);
  let shown: unknown[] = [];
  return ({ page, table, palette }, { dark }) => {
    const now = [page?.scores, table, palette, dark];
    if (!page || !table || now.every((value, i) => value === shown[i])) return;
    shown = now;
    const { names, labels, kinds, nPassages, byKind } = page.scores;
    element.hidden = kinds.length === 0;
    const colors = ramp(palette, dark);
    const model = table.model[table.indices.get(page.name) ?? 0];
    const ranges = names.map((name) => {
      const column = table.columns.find((one) => one.name === name);
      return column ? spreadOf(table, column, model) : null;
    });
    const cell = (kind: number, score: number) => {
      const value = byKind[kind * names.length + score];
      const td = make("td", "aw-kind-value", {}, short(value));
      const range = ranges[score];
      if (!range || !Number.isFinite(value)) return td;
      const share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0;
      const pixel = colors[rampIndex(Math.max(0, Math.min(1, share)) * 0.92)];
      td.style.backgroundColor = cssColor(pixel);
      td.style.color = wantsDarkText(pixel) ? "#000" : "#fff";
      return td;
    };
    const head = make("tr", "", {}, make("th", "", { scope: "col" }, "Kind"));
    head.append(make("th", "", { scope: "col" }, "passages"));
    head.append(...labels.map((label) => make("th", "", { scope: "col" }, label)));
    const rows = kinds.map((kind, i) =>
      make(
        "tr",
        "",
        {},
        make("th", "", { scope: "row" }, kind),
        make("td", "aw-kind-count", {}, String(nPassages[i])),
        ...names.map((_, score) => cell(i, score)),
      ),
    );
    const caption = make("caption", "aw-live", {}, `Scores of ${page.name} by kind of passage`);
    const table_ = make(
      "table",
      "aw-kind-table",
      {},
      caption,
      make("thead", "", {}, head),
      make("tbody", "", {}, ...rows),
    );
    body.replaceChildren(
      make(
        "div",
        "aw-kind-scroll",
        { tabindex: 0, role: "region", "aria-label": "Scores by kind" },
        table_,
      ),
    );
  };
}
