// Layers x heads as buttons, made once; an update touches only the cells that look different.
import { make, setAttributes } from "../kit/dom.ts";
import type { Head } from "../kit/selection.ts";
import { headName } from "../pattern/pattern.ts";
import { type Held, layerHeads } from "./holding.ts";
import { signed } from "./numbers.ts";
import { strengthOf, tint } from "./tint.ts";

/** More layers than this, and cells are lower, so that a whole model stays in view. */
const MANY = 20;

export interface BoardCellsProps {
  readonly nLayers: number;
  readonly nHeads: number;
  readonly layer: number;
  readonly head: number;
  readonly heads: Held;
  readonly knockedOut: readonly string[];
  readonly frozen: boolean;
  readonly editable: boolean;
  /** [layer, head] */
  readonly contributions: Float32Array | null;
  /** The contribution that has full colour. */
  readonly most: number;
  readonly dark: boolean;
}

export interface BoardCells {
  readonly element: HTMLElement;
  update(props: BoardCellsProps): void;
  /** Of a cell, or with head -1 of a layer's label. */
  placeOf(target: Element): Head | null;
  focus(place: Head): void;
}

/** With more heads than this, not every column has its number. */
const NUMBERED = 16;

export function boardCells(parent: Element): BoardCells {
  const element = make("div", "aw-board-grid", { role: "grid", "aria-label": "Layers by heads" });
  parent.append(element);
  let size = "";
  let labels: HTMLButtonElement[] = [];
  let cells: HTMLButtonElement[] = [];
  let looks: string[] = [];
  let nHeads = 0;
  let sighted = -1;

  function build(nLayers: number): void {
    labels = Array.from({ length: nLayers }, (_, layer) =>
      make(
        "button",
        "aw-board-layer",
        { type: "button", tabindex: -1, "data-layer": layer, title: `Hold all of layer ${layer}` },
        `L${layer}`,
      ),
    );
    cells = Array.from({ length: nLayers * nHeads }, (_, i) =>
      make("button", "aw-board-cell", {
        type: "button",
        role: "gridcell",
        tabindex: -1,
        "data-board": headName(Math.floor(i / nHeads), i % nHeads),
      }),
    );
    looks = [];
    sighted = -1;
    const every = nHeads > NUMBERED ? 4 : 1;
    const numbers = Array.from({ length: nHeads }, (_, head) =>
      make("span", "aw-board-number", {}, head % every === 0 ? `H${head}` : ""),
    );
    const top = make(
      "div",
      "aw-board-row",
      { "aria-hidden": "true" },
      make("span", ""),
      ...numbers,
    );
    const rows = labels.map((label, layer) =>
      make(
        "div",
        "aw-board-row",
        { role: "row" },
        make("span", "", { role: "rowheader" }, label),
        ...cells.slice(layer * nHeads, (layer + 1) * nHeads),
      ),
    );
    element.style.setProperty("--aw-heads", String(nHeads));
    element.classList.toggle("aw-many-layers", nLayers > MANY);
    element.replaceChildren(top, ...rows);
  }

  function update(props: BoardCellsProps): void {
    const { frozen, heads, knockedOut, contributions, most, dark } = props;
    if (size !== `${props.nLayers} ${props.nHeads}`) {
      size = `${props.nLayers} ${props.nHeads}`;
      nHeads = props.nHeads;
      build(props.nLayers);
    }
    const chosen = heads && new Set(heads);
    const out = new Set(knockedOut);
    const selected = props.layer * nHeads + props.head;
    cells.forEach((cell, i) => {
      const name = cell.dataset.board!;
      const picked = chosen?.has(name) ?? true;
      const value = contributions ? contributions[i] : null;
      const state = { value, held: frozen && picked, out: out.has(name), on: i === selected };
      const faint = !frozen && picked && chosen !== null;
      const look = JSON.stringify([state, faint, most, dark]);
      if (look === looks[i]) return;
      looks[i] = look;
      cell.classList.toggle("aw-to-hold", faint);
      setAttributes(cell, {
        tabindex: state.on ? 0 : -1,
        "data-held": String(state.held),
        "data-out": String(state.out),
        "data-value": value,
        "aria-selected": String(state.on),
        "aria-label": wordsOf(name, state),
        title: wordsOf(name, state),
      });
      tint(cell, value === null ? null : strengthOf(value, most), dark);
    });
    element.classList.toggle("aw-all-held", chosen === null);
    bringIntoSight(selected);
    labels.forEach((label, layer) => {
      const names = layerHeads(layer, props);
      const held = chosen ? names.filter((name) => chosen.has(name)).length : nHeads;
      label.disabled = !props.editable;
      setAttributes(label, {
        "aria-pressed": held === 0 ? "false" : held === nHeads ? "true" : "mixed",
      });
    });
  }

  /** Scrolls the board alone, and only to a head that was selected since. */
  function bringIntoSight(index: number): void {
    if (index === sighted) return;
    sighted = index;
    const cell = cells[index];
    if (!cell) return;
    const above = cell.offsetTop - element.offsetTop - element.scrollTop;
    if (above < 0 || above + cell.offsetHeight > element.clientHeight) {
      element.scrollTop += above - element.clientHeight / 2;
    }
  }

  return {
    element,
    update,
    placeOf(target) {
      const cell = target.closest<HTMLElement>("button");
      if (!cell || !element.contains(cell)) return null;
      if (cell.dataset.layer !== undefined) return { layer: Number(cell.dataset.layer), head: -1 };
      const index = cells.indexOf(cell as HTMLButtonElement);
      return index < 0 ? null : { layer: Math.floor(index / nHeads), head: index % nHeads };
    },
    focus({ layer, head }) {
      (head < 0 ? labels[layer] : cells[layer * nHeads + head])?.focus();
    },
  };
}

function wordsOf(
  name: string,
  { value, held, out }: { value: number | null; held: boolean; out: boolean },
): string {
  const words = [name];
  if (value !== null) words.push(`contributes ${signed(value)}`);
  if (held) words.push("held");
  if (out) words.push("knocked out");
  return words.join(", ");
}
