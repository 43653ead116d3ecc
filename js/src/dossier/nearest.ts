// The heads most like one -> a list of buttons that lead to them, with their mean patterns where these are kept.
import { listen, make } from "../kit/dom.ts";
import type { Theme } from "../kit/theme.ts";
import { pixelOf, ramp } from "../pattern/color.ts";
import { paintCanvas } from "../pattern/thumbs.ts";
import { short } from "./numbers.ts";
import type { DossierProps, HeadPage, HeadTable, Near } from "./props.ts";
import { section } from "./section.ts";

export function nearestView(
  parent: Element,
  choose: (name: string) => void,
  signal: AbortSignal,
): (props: DossierProps, theme: Theme) => void {
  const { element, hint, body } = section("aw-nearest", "Nearest heads");
  hint.textContent = "by the shape of their patterns";
  parent.append(element);
  let shown: unknown[] = [];
  listen(
    body,
    "click",
    (event) => {
      const near = (event.target as Element).closest<HTMLElement>("button[data-head]");
      if (near) choose(near.dataset.head!);
    },
    signal,
  );
  return ({ page, table, palette, here }, theme) => {
    const now = [page?.nearest, table, palette, theme];
    if (!page || now.every((value, i) => value === shown[i])) return;
    shown = now;
    const own = page.nearest.filter((near) => near.here);
    const others = page.nearest.filter((near) => !near.here);
    body.replaceChildren();
    if (own.length) body.append(list(own, page, table, here));
    if (others.length) {
      body.append(
        make("h4", "aw-nearest-title", {}, "Of other models"),
        list(others, page, table, here),
      );
    }
    if (!page.nearest.length)
      body.append(make("div", "aw-hint", {}, page.nearestMissing || "There is none."));
    const ink = { colors: ramp(palette, theme.dark), blank: pixelOf(theme.blank) };
    for (const canvas of body.querySelectorAll<HTMLCanvasElement>("canvas"))
      paintCanvas(canvas, page.pictures, Number(canvas.dataset.picture), ink);
  };
}

function list(
  heads: readonly Near[],
  page: HeadPage,
  table: HeadTable | null,
  here: (name: string) => boolean,
): HTMLElement {
  const items = heads.map((near) => {
    const { name, distance } = near;
    const text = near.here ? name.slice(name.lastIndexOf(":") + 1) : name;
    const parts: Node[] = [];
    const picture = 1 + page.nearest.indexOf(near);
    parts.push(make("canvas", "", { "aria-hidden": "true", "data-picture": picture }));
    parts.push(
      make(
        "span",
        "aw-near-text",
        {},
        make("span", "aw-near-name", {}, text),
        make("span", "aw-near-motif", {}, motifOf(table, name)),
      ),
      make("span", "aw-near-distance", { title: "Distance" }, short(distance)),
    );
    const there = here(name);
    const button = make(
      there ? "button" : "span",
      "aw-near",
      there ? { type: "button", "data-head": name } : {},
      ...parts,
    );
    return make("li", "", {}, button);
  });
  return make("ul", "aw-near-list", { role: "list" }, ...items);
}

/** What the other head is named by. */
function motifOf(table: HeadTable | null, name: string): string {
  const column = table?.columns.find((one) => one.name === "motif");
  const index = table?.indices.get(name);
  if (!column?.codes || index === undefined) return "";
  const motif = column.texts[column.codes[index]];
  return motif === "none" ? "" : motif.replaceAll("_", " ");
}
