// A grid's props and the head that is pointed at -> thumbnails with their marks, and one of them enlarged.
import type { Scale } from "../kit/names.ts";
import * as selection from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { type Atlas, atlasTable } from "../pattern/atlas.ts";
import { ramp } from "../pattern/color.ts";
import { type Grid, gridView } from "./grid.ts";
import { type HeadMarks, placeIn } from "./head_marks.ts";
import { arrangement, motifsFor, selectedText } from "./marked.ts";
import type { Pointing } from "./pointing.ts";
import { previewView } from "./preview.ts";
import type { HeadGridProps } from "./props.ts";

const NOT_ASKED = { motif: "", sortBy: "" };

export interface Painting {
  readonly grid: Grid;
  update(props: HeadGridProps, atlas: Atlas, marks: HeadMarks): void;
}

export function gridPainting(
  parent: HTMLElement,
  pointing: Pointing,
  theme: () => Theme,
  signal: AbortSignal,
): Painting {
  const grid = gridView(
    parent,
    { hover: pointing.hover, click: pointing.select, key: pointing.key },
    signal,
  );
  const preview = previewView(parent);
  const table = tableCache();

  return {
    grid,
    update(props, atlas, marks) {
      const { nQuery, nKey } = props;
      const colors = table(atlas, props.scale, ramp(props.palette, theme().dark));
      const inside = selection.within(props.locked, nQuery, nKey);
      const locked = {
        query: inside.query === null ? null : (inside.query + 0.5) / nQuery,
        key: inside.key === null ? null : (inside.key + 0.5) / nKey,
      };
      const selected = { layer: props.layer, head: props.head };
      const shared = { atlas, table: colors, theme: theme(), locked };
      const motifs = motifsFor(props.motifs, atlas);
      const hovered = pointing.hovered();
      const over = hovered ?? props.hovered ?? null;
      grid.update({
        ...shared,
        marks,
        asked: motifs ? props : NOT_ASKED,
        size: props.size,
        layers: props.layers,
        selected,
        hovered: over,
        label: `Head grid, ${arrangement(props, atlas, marks)}; ${selectedText(props)}`,
      });
      const pointed = over && (over.layer !== props.layer || over.head !== props.head);
      preview.update({
        ...shared,
        head: over ?? selected,
        caption: !pointed ? "Selected" : hovered ? "Click to select" : "Pointed at elsewhere",
        motifs,
      });
      preview.element.classList.toggle("aw-on", hovered !== null);
      const away = hovered !== null && grid.onTheRight(placeIn(marks.heads, hovered));
      preview.element.classList.toggle("aw-away", away);
    },
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
