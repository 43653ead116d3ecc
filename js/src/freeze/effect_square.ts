// The 2 x 2 of whose tokens and whose patterns -> a table, each cell coloured by its change from the baseline's.

import { make, setAttributes, setText } from "../kit/dom.ts";
import { formatValue } from "../pattern/scale.ts";
import { signed } from "./numbers.ts";
import type { Measure } from "./results.ts";
import { largest, strengthOf, tint } from "./tint.ts";

const SIDES = [0, 1] as const;
const WHOSE = ["Baseline", "Edited"] as const;
/** [tokens][patterns] */
const RUNS = [
  ["baseline", "patterns only"],
  ["frozen", "live"],
] as const;

export function effectSquare(parent: Element): (measure: Measure, dark: boolean) => void {
  const cells = SIDES.map((tokens) =>
    SIDES.map((patterns) => {
      const value = make("span", "aw-square-value");
      const change = make("span", "aw-square-change");
      const run = make("span", "aw-square-run", {}, RUNS[tokens][patterns]);
      const element = make("td", "", { "data-cell": `${tokens}${patterns}` }, value, change, run);
      return { element, value, change };
    }),
  );
  const heading = (text: string, scope: string) => make("th", "", { scope }, text);
  parent.append(
    make(
      "table",
      "aw-square",
      { "aria-label": "Tokens by patterns" },
      make(
        "thead",
        "",
        {},
        make(
          "tr",
          "",
          {},
          make("td", ""),
          ...WHOSE.map((whose) => heading(`${whose} patterns`, "col")),
        ),
      ),
      make(
        "tbody",
        "",
        {},
        ...SIDES.map((tokens) =>
          make(
            "tr",
            "",
            {},
            heading(`${WHOSE[tokens]} tokens`, "row"),
            ...cells[tokens].map(({ element }) => element),
          ),
        ),
      ),
    ),
  );

  return ({ cells: values }, dark) => {
    const base = values[0][0];
    const most = largest(values.flat().map((value) => value - base));
    for (const tokens of SIDES) {
      for (const patterns of SIDES) {
        const { element, value, change } = cells[tokens][patterns];
        const here = values[tokens][patterns];
        setText(value, formatValue(here));
        setText(change, tokens || patterns ? signed(here - base) : "");
        setAttributes(element, { "data-value": here });
        tint(element, strengthOf(here - base, most), dark);
      }
    }
  };
}
