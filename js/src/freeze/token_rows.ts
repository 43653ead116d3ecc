// Tokens with a probability in each run -> a table, one row a token, one bar a run.

import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import { formatValue } from "../pattern/scale.ts";
import { RUNS, type Run, type TokenRow } from "./results.ts";

export interface TokenTableProps {
  readonly rows: readonly TokenRow[];
  /** The id of the target's row; null where it is not among them. */
  readonly target: number | null;
  /** The run that the rest of the panel shows. */
  readonly inEffect: Run;
  readonly editable: boolean;
}

export interface TokenTableEvents {
  pick(row: TokenRow): void;
  remove(row: TokenRow): void;
}

const HEADINGS: Record<Run, { label: string; title: string }> = {
  baseline: { label: "Baseline", title: "The baseline prompt" },
  live: { label: "Live", title: "The edited prompt with the patterns it makes itself" },
  frozen: { label: "Frozen", title: "The edited prompt with patterns held from the baseline" },
};

interface RowParts {
  readonly element: HTMLTableRowElement;
  readonly token: HTMLButtonElement;
  readonly remove: HTMLButtonElement;
  readonly cells: Record<Run, { cell: HTMLElement; number: HTMLElement; bar: HTMLElement }>;
  data: TokenRow;
}

/** The smallest of 1, 0.5, 0.2, 0.1, 0.05, ... that holds the most likely token: bars keep their scale for long. */
export function barEnd(rows: readonly TokenRow[]): number {
  const most = Math.max(0, ...rows.flatMap((row) => RUNS.map((run) => row[run].probability)));
  let end = 1;
  for (let decade = 1; decade > 1e-4; decade /= 10) {
    for (const step of [1, 0.5, 0.2]) if (step * decade >= most) end = step * decade;
  }
  return end;
}

export function tokenTable(
  parent: Element,
  events: TokenTableEvents,
  signal: AbortSignal,
): (props: TokenTableProps) => void {
  const headings = RUNS.map((run) => {
    const swatch = make("span", `aw-run-swatch aw-run-${run}`);
    const { label, title } = HEADINGS[run];
    return make("th", "aw-run", { scope: "col", title }, swatch, label);
  });
  const corner = make("th", "", { scope: "col" }, "Token");
  const rows = make("tbody", "");
  const table = make(
    "table",
    "aw-next-table",
    { "aria-label": "Probability of the next token" },
    make("thead", "", {}, make("tr", "", {}, corner, ...headings)),
    rows,
  );
  parent.append(table);
  const parts = new Map<number, RowParts>();

  listen(
    rows,
    "click",
    (event) => {
      const pressed = (event.target as Element).closest("button");
      const id = pressed?.closest<HTMLElement>("[data-token-row]")?.dataset.tokenRow;
      const row = id === undefined ? undefined : parts.get(Number(id));
      if (row && pressed === row.remove) events.remove(row.data);
      else if (row) events.pick(row.data);
    },
    signal,
  );

  function rowOf(data: TokenRow): RowParts {
    const name = plainToken(data.text);
    const token = make("button", "aw-token-button", { type: "button" }, ...tokenNodes(data.text));
    const remove = make(
      "button",
      "aw-remove",
      { type: "button", "aria-label": `Remove ${name}`, title: "Remove" },
      "\u00d7",
    );
    const cells = {} as RowParts["cells"];
    const columns = RUNS.map((run) => {
      const bar = make("span", `aw-run-bar aw-run-${run}`);
      const number = make("span", "aw-number");
      const track = make("span", "aw-run-track", { "aria-hidden": "true" }, bar);
      const cell = make("td", "aw-run", { "data-bar": run });
      cell.append(make("span", "aw-run-cell", {}, number, track));
      cells[run] = { cell, number, bar };
      return cell;
    });
    const wrap = make("span", "aw-token-cell", {}, token, remove);
    const element = make("tr", "", { "data-token-row": data.id });
    element.append(make("th", "", { scope: "row" }, wrap), ...columns);
    return { element, token, remove, cells, data };
  }

  return ({ rows: all, target, inEffect, editable }) => {
    const end = barEnd(all);
    setAttributes(corner, { title: `A full bar is a probability of ${formatValue(end)}` });
    RUNS.forEach((run, i) => {
      headings[i].classList.toggle("aw-in-effect", run === inEffect);
    });
    const gone = new Set(parts.keys());
    all.forEach((data, place) => {
      gone.delete(data.id);
      const row = parts.get(data.id) ?? rowOf(data);
      parts.set(data.id, row);
      row.data = data;
      row.token.disabled = !editable;
      setAttributes(row.token, {
        "aria-pressed": String(data.id === target),
        title: `${plainToken(data.text)} (token ${data.id}): click to explain its logit below`,
      });
      row.remove.hidden = !editable || !data.watched;
      for (const run of RUNS) {
        const { probability, logit } = data[run];
        const { cell, number, bar } = row.cells[run];
        setText(number, formatValue(probability));
        setAttributes(cell, {
          "data-value": probability,
          title: `${HEADINGS[run].label}: probability ${formatValue(probability)}, logit ${formatValue(logit)}`,
        });
        bar.style.width = `${((probability / end) * 100).toFixed(2)}%`;
      }
      if (rows.children[place] !== row.element) {
        rows.insertBefore(row.element, rows.children[place] ?? null);
      }
    });
    for (const id of gone) {
      parts.get(id)?.element.remove();
      parts.delete(id);
    }
  };
}
