// Who a head is -> its name, what it is named by, its numbers, the classes it is known in and the papers that say so.
import { make } from "../kit/dom.ts";
import { short } from "./numbers.ts";
import type { Column, DossierProps, HeadPage, HeadTable, Motif } from "./props.ts";

/** What other columns say of it in words. */
const SAID_ELSEWHERE = ["motif", "class"];
const LARGE_NUMBERS = ["entropy", "distance", "on_first", "prefix_matching"];

export function titleView(parent: Element): (props: DossierProps) => void {
  const box = make("header", "aw-dossier-head");
  parent.append(box);
  let shown: unknown[] = [];
  return ({ page, table }) => {
    if (!page || (shown[0] === page.name && shown[1] === table && shown[2] === page.scores)) return;
    shown = [page.name, table, page.scores];
    const name = make("h2", "aw-dossier-name", {}, page.name.slice(page.name.lastIndexOf(":") + 1));
    const model = make("span", "aw-dossier-model", {}, page.model);
    const line = make("div", "aw-dossier-line", {}, name, model);
    line.append(
      page.motif ? motifChip(page.motif) : make("span", "aw-hint", {}, "no motif stands out"),
    );
    box.replaceChildren(line, facts(page, table));
    if (page.classes.length) box.append(classes(page));
  };
}

function motifChip({ label, color, about, rule, score, std, bits }: Motif): HTMLElement {
  const swatch = make("span", "aw-swatch", { "aria-hidden": "true" });
  swatch.style.backgroundColor = color;
  const spread = std === null ? "" : ` \u00b1 ${short(std)}`;
  const numbers = make(
    "span",
    "aw-motif-numbers",
    {},
    `${short(score)}${spread}, ${short(bits)} bits`,
  );
  return make(
    "span",
    "aw-motif-chip",
    { title: `${about} ${rule}` },
    swatch,
    make("strong", "", {}, label),
    numbers,
  );
}

function facts(page: HeadPage, table: HeadTable | null): HTMLElement {
  const list = make("dl", "aw-facts");
  const add = (label: string, value: string, title = "") =>
    list.append(
      make(
        "div",
        "aw-fact",
        { title: title || null },
        make("dt", "", {}, label),
        make("dd", "", {}, value),
      ),
    );
  add(
    "layer",
    `${page.layer} of ${page.nLayers}`,
    `Relative depth ${short(page.depth)}, from 0 to 1`,
  );
  const index = table?.indices.get(page.name);
  for (const column of table?.columns ?? []) {
    if (index === undefined) break;
    const { name, label, about, values } = column;
    if (values) {
      if (LARGE_NUMBERS.includes(name)) add(label, short(values[index]), about);
    } else if (!SAID_ELSEWHERE.includes(name)) {
      const text = textAt(column, index);
      if (text) add(label, text, about);
    }
  }
  add("passages", String(page.nPassages), "How many passages the model has read");
  return list;
}

const textAt = ({ codes, texts }: Column, index: number) => (codes ? texts[codes[index]] : "");

function classes({ classes: known }: HeadPage): HTMLElement {
  const box = make("ul", "aw-known");
  for (const { name, papers } of known) {
    const item = make("li", "", {}, make("span", "aw-class", {}, name));
    for (const { title, url, note } of papers) {
      // what is no address of the web stays text
      const link = /^https?:\/\//.test(url)
        ? make("a", "", { href: url, rel: "noreferrer", target: "_blank" }, title)
        : make("span", "", {}, title);
      if (note) link.title = note;
      item.append(link);
    }
    box.append(item);
  }
  return box;
}
