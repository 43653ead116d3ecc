// One head of the atlas, enlarged, with its name -> a panel beside the grid, or over it.

import { context2d, make, setText } from "../kit/dom.ts";
import type { Cell, Head } from "../kit/selection.ts";
import type { Theme } from "../kit/theme.ts";
import { isMeasuring, type Motifs, scoreOf, scoreText, topMotifs } from "../motifs/motifs.ts";
import { type Atlas, isMade } from "../pattern/atlas.ts";
import { pixelOf } from "../pattern/color.ts";
import { headName } from "../pattern/pattern.ts";
import { paintCanvas } from "../pattern/thumbs.ts";
import { drawLocked } from "./draw.ts";

export interface PreviewProps {
  readonly atlas: Atlas;
  readonly table: Uint32Array;
  readonly theme: Theme;
  readonly head: Head;
  readonly locked: Cell;
  readonly caption: string;
  readonly motifs: Motifs | null;
}

const MOST_SIDE = 224;

/** A side that shows every code of a thumbnail by the same whole number of pixels, where it can. */
function previewSide(n: number): number {
  return n > MOST_SIDE ? MOST_SIDE : n * Math.max(1, Math.floor(MOST_SIDE / n));
}

export function previewView(parent: HTMLElement): {
  element: HTMLElement;
  update(props: PreviewProps): void;
} {
  const name = make("strong", "aw-preview-name");
  const canvas = make("canvas", "aw-preview-canvas", { "aria-hidden": "true" });
  const caption = make("span", "aw-hint");
  const list = make("div", "aw-preview-motifs");
  const element = make(
    "div",
    "aw-preview",
    { role: "group", "aria-label": "Enlarged head" },
    name,
    canvas,
    caption,
    list,
  );
  parent.append(element);
  let last: PreviewProps | null = null;
  return {
    element,
    update(props) {
      const { atlas, table, theme, head, locked } = props;
      if (
        last?.atlas === atlas &&
        last.table === table &&
        last.theme === theme &&
        last.caption === props.caption &&
        last.motifs === props.motifs &&
        last.head.layer === head.layer &&
        last.head.head === head.head &&
        last.locked.query === locked.query &&
        last.locked.key === locked.key
      )
        return;
      last = props;
      setText(name, headName(head.layer, head.head));
      const index = head.layer * atlas.nHeads + head.head;
      const made = isMade(atlas, index);
      setText(caption, made ? props.caption : `${props.caption}; its picture is being made\u2026`);
      const known = props.motifs && !isMeasuring(props.motifs, head) ? props.motifs : null;
      list.replaceChildren(...(known ? motifLines(known, head) : []));
      if (head.layer >= atlas.nLayers || head.head >= atlas.nHeads) return;
      const longest = Math.max(atlas.nQuery, atlas.nKey);
      const side = previewSide(longest);
      const width = Math.max(1, Math.round((side * atlas.nKey) / longest));
      const height = Math.max(1, Math.round((side * atlas.nQuery) / longest));
      const blank = pixelOf(theme.blank);
      const ink = { colors: made ? table : new Uint32Array(256).fill(blank), blank };
      paintCanvas(canvas, atlas, index, ink, width, height);
      if (width === height) drawLocked(context2d(canvas), locked, 0, 0, width, theme);
    },
  };
}

/** The three motifs with the highest scores. */
function motifLines(motifs: Motifs, head: Head): HTMLElement[] {
  return topMotifs(motifs, head, 3).map((motif) => {
    const swatch = make("span", "aw-swatch");
    swatch.style.backgroundColor = motif.color;
    const score = make("span", "aw-preview-score", {}, scoreText(scoreOf(motifs, motif, head)));
    return make("div", "aw-preview-motif", {}, swatch, make("span", "", {}, motif.label), score);
  });
}
