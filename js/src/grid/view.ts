// All heads at a glance with everything around them: controls, prompt, grid, enlarged head.

import { changedOnly } from "../kit/changed.ts";
import { button, choice } from "../kit/controls.ts";
import { eachFrame, make } from "../kit/dom.ts";
import { actionOf } from "../kit/keyboard.ts";
import { only, PALETTES, SCALES } from "../kit/names.ts";
import { promptEditor } from "../kit/prompt.ts";
import * as selection from "../kit/selection.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import type { Motifs } from "../motifs/motifs.ts";
import { type Atlas, atlasTable } from "../pattern/atlas.ts";
import { ramp } from "../pattern/color.ts";
import { headName } from "../pattern/pattern.ts";
import type { Palette, Scale } from "../pattern/traits.ts";
import { gridView } from "./grid.ts";
import {
  type HeadMarks,
  headMarks,
  headWords,
  placeIn,
  plainMarks,
  stepPlace,
} from "./head_marks.ts";
import { LARGEST_THUMB, SMALLEST_THUMB } from "./layout.ts";
import { motifControls } from "./motif_controls.ts";
import { cardView } from "./preview.ts";

export interface HeadGridProps {
  readonly atlas: Atlas | null;
  readonly waiting: boolean;
  readonly layer: number;
  readonly head: number;
  /** The head under the pointer in a widget that this one is linked with. */
  readonly hovered?: selection.Head | null;
  readonly nQuery: number;
  readonly nKey: number;
  readonly locked: selection.Cell;
  readonly scale: Scale;
  readonly scales: readonly Scale[];
  readonly palette: Palette;
  readonly size: number;
  readonly motifs: Motifs | null;
  readonly motif: string;
  readonly sortBy: string;
  readonly minScore: number;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
  readonly editable: boolean;
  readonly prompt: string;
}

export interface HeadGridEvents {
  select(head: selection.Head): void;
  hover?(head: selection.Head | null): void;
  unlock(): void;
  scale(scale: Scale): void;
  palette(palette: Palette): void;
  size(cell: number): void;
  motif(name: string): void;
  sortBy(name: string): void;
  minScore(score: number): void;
  run(prompt: string): void;
}

export function headGridView(
  parent: HTMLElement,
  events: HeadGridEvents,
  signal: AbortSignal,
): (props: HeadGridProps) => void {
  const root = make("div", "aw-root aw-head-grid", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const body = make("div", "aw-body");
  root.append(body);
  const status = statusView(root, signal);

  let props: HeadGridProps | null = null;
  let hovered: selection.Head | null = null;

  const bar = make("div", "aw-controls");
  const title = make("strong", "aw-title");
  bar.append(title);
  const setScale = choice<Scale>(bar, "Scale", events.scale, signal);
  const setPalette = choice<Palette>(bar, "Colours", events.palette, signal);
  const sizes = make("span", "aw-zoom", { role: "group", "aria-label": "Thumbnail size" });
  const resize = (factor: number) => {
    const next = Math.round(grid.size() * factor);
    events.size(Math.min(LARGEST_THUMB, Math.max(SMALLEST_THUMB, next)));
  };
  const smaller = button("\u2212", "Smaller thumbnails", () => resize(1 / 1.3), signal);
  const larger = button("+", "Larger thumbnails", () => resize(1.3), signal);
  const fit = button("Fit", "Thumbnails that fit", () => events.size(0), signal);
  sizes.append(smaller, larger, fit);
  bar.append(make("span", "aw-field", {}, make("span", "aw-label", {}, "Size"), sizes));
  body.append(bar);
  const setMotifs = motifControls(body, events, signal);
  const setPrompt = promptEditor(body, events.run, signal);

  const stage = make("div", "aw-stage");
  body.append(stage);
  const grid = gridView(
    stage,
    {
      hover(head) {
        if (head?.layer === hovered?.layer && head?.head === hovered?.head) return;
        hovered = head;
        events.hover?.(head);
        drawPointed();
      },
      click: (head) => select(head),
      key: onKey,
    },
    signal,
  );
  const card = cardView(stage);
  const empty = make("div", "aw-empty", {}, "Waiting for the first patterns\u2026");
  body.append(empty);

  function select(head: selection.Head): void {
    if (props && (head.layer !== props.layer || head.head !== props.head)) events.select(head);
  }

  function onKey(event: KeyboardEvent): void {
    const action = actionOf(event);
    if (!action || !props?.atlas) return;
    const { nLayers, nHeads } = props.atlas;
    if (action.do === "move" || action.do === "lock") return;
    if (action.do === "unlock" && selection.isNothing(props.locked)) return;
    event.preventDefault();
    event.stopPropagation();
    const { heads, sorted } = marksOf(props, props.atlas);
    if (sorted && (action.do === "head" || action.do === "layer")) {
      const [along, rows] = action.do === "head" ? [action.by, 0] : [0, action.by];
      const at = placeIn(heads, props);
      const to = heads[stepPlace(at, along, rows, grid.columns(), heads.length)];
      if (to) select({ layer: to.layer, head: to.head });
    } else if (action.do === "head") select(selection.stepHead(props, action.by, nLayers, nHeads));
    else if (action.do === "layer") select(selection.stepLayer(props, action.by, nLayers));
    else if (action.do === "zoom") resize(action.by > 1 ? 1.3 : 1 / 1.3);
    else if (action.do === "fit") events.size(0);
    else events.unlock();
  }

  const table = tableCache();
  const marksOf = marksCache();
  let announced = "";

  function drawPointed(): void {
    if (!props?.atlas) return;
    const { atlas, nQuery, nKey } = props;
    const colors = table(atlas, props.scale, ramp(props.palette, theme().dark));
    const inside = selection.within(props.locked, nQuery, nKey);
    const locked = {
      query: inside.query === null ? null : (inside.query + 0.5) / nQuery,
      key: inside.key === null ? null : (inside.key + 0.5) / nKey,
    };
    const selected = { layer: props.layer, head: props.head };
    const shared = { atlas, table: colors, theme: theme(), locked };
    const name = headName(props.layer, props.head);
    const marks = marksOf(props, atlas);
    const over = hovered ?? props.hovered ?? null;
    grid.update({
      ...shared,
      marks,
      asked: motifsFor(props.motifs, atlas) ? props : NOT_ASKED,
      size: props.size,
      selected,
      hovered: over,
      label: `Head grid, ${arrangement(props, atlas, marks)}; ${name} selected${headWords(motifsFor(props.motifs, atlas), props, selected)}`,
    });
    const pointed = over && (over.layer !== props.layer || over.head !== props.head);
    card.update({
      ...shared,
      head: over ?? selected,
      caption: !pointed ? "Selected" : hovered ? "Click to select" : "Pointed at elsewhere",
      motifs: motifsFor(props.motifs, atlas),
    });
    card.element.classList.toggle("aw-on", hovered !== null);
    const column = hovered ? placeIn(marks.heads, hovered) % grid.columns() : 0;
    card.element.classList.toggle("aw-away", column >= grid.columns() / 2);
    smaller.disabled = grid.size() <= SMALLEST_THUMB;
    larger.disabled = grid.size() >= LARGEST_THUMB;
    fit.disabled = props.size === 0;
  }

  function refresh(): void {
    if (!props) return;
    const { atlas, layer, head, scale, palette } = props;
    const name = headName(layer, head);
    title.textContent = name;
    setScale(
      scale,
      only(
        SCALES.filter(({ value }) => value !== "row_max"),
        props.scales,
      ),
    );
    setPalette(palette, PALETTES);
    setPrompt(props);
    status.update(props);
    stage.hidden = atlas === null;
    stage.classList.toggle("aw-waiting", props.waiting);
    empty.hidden = atlas !== null || props.error !== "";
    if (atlas && hovered && (hovered.layer >= atlas.nLayers || hovered.head >= atlas.nHeads)) {
      hovered = null;
    }
    const shown = atlas ? marksOf(props, atlas) : null;
    setMotifs({
      ...props,
      motifs: atlas && motifsFor(props.motifs, atlas),
      shown: shown ? shown.heads.filter((h) => !markOf(shown, atlas!, h).dimmed).length : 0,
    });
    drawPointed();
    if (announced !== "" && announced !== name) {
      const words = atlas ? headWords(motifsFor(props.motifs, atlas), props, props) : "";
      status.announce(`${name} selected${words}`);
    }
    announced = name;
  }

  const follow = eachFrame(drawPointed, signal);
  return (next) => {
    const before = props;
    props = next;
    if (changedOnly(before, next, "hovered")) follow();
    else refresh();
  };
}

const NOT_ASKED = { motif: "", sortBy: "" };

/** Motifs of another trace than the thumbnails' say nothing about them. */
function motifsFor(motifs: Motifs | null, atlas: Atlas): Motifs | null {
  const fit =
    motifs !== null &&
    atlas.id.startsWith(`${motifs.traceId}/`) &&
    motifs.nLayers === atlas.nLayers &&
    motifs.nHeads === atlas.nHeads;
  return fit ? motifs : null;
}

function markOf({ marks }: HeadMarks, { nHeads }: Atlas, { layer, head }: selection.Head) {
  return marks[layer * nHeads + head];
}

function arrangement(props: HeadGridProps, { nLayers, nHeads }: Atlas, marks: HeadMarks): string {
  if (!marks.sorted) return `${nLayers} layers by ${nHeads} heads`;
  const label = props.motifs?.all.find(({ name }) => name === props.sortBy)?.label;
  return `${marks.heads.length} of ${nLayers * nHeads} heads sorted by ${label}`;
}

/** Marks are made again, and with them the drawing, only when something they depend on became another. */
function marksCache(): (props: HeadGridProps, atlas: Atlas) => HeadMarks {
  let last: { key: string; motifs: Motifs | null; marks: HeadMarks } | null = null;
  return (props, atlas) => {
    const motifs = motifsFor(props.motifs, atlas);
    const key = motifs
      ? JSON.stringify([props.motif, props.sortBy, props.minScore])
      : `${atlas.nLayers} ${atlas.nHeads}`;
    if (last?.key !== key || last.motifs !== motifs) {
      const marks = motifs ? headMarks(motifs, props) : plainMarks(atlas.nLayers, atlas.nHeads);
      last = { key, motifs, marks };
    }
    return last.marks;
  };
}

function tableCache(): (atlas: Atlas, scale: Scale, colors: Uint32Array) => Uint32Array {
  let last: { step: number; scale: Scale; colors: Uint32Array; table: Uint32Array } | null = null;
  return (atlas, scale, colors) => {
    if (last?.step !== atlas.step || last.scale !== scale || last.colors !== colors) {
      last = { step: atlas.step, scale, colors, table: atlasTable(atlas.step, scale, colors) };
    }
    return last.table;
  };
}
