// What is asked of the motifs -> the heads' marks, made again only when they become others.
import type { Head } from "../kit/selection.ts";
import type { Motifs } from "../motifs/motifs.ts";
import type { Atlas } from "../pattern/atlas.ts";
import { headName } from "../pattern/pattern.ts";
import { type HeadMarks, headMarks, headWords, plainMarks } from "./head_marks.ts";
import type { HeadGridProps } from "./props.ts";

/** Motifs of another trace than the thumbnails' say nothing about them. */
export function motifsFor(motifs: Motifs | null, atlas: Atlas): Motifs | null {
  const fit =
    motifs !== null &&
    atlas.id.startsWith(`${motifs.traceId}/`) &&
    motifs.nLayers === atlas.nLayers &&
    motifs.nHeads === atlas.nHeads;
  return fit ? motifs : null;
}

/** How many heads of the grid are not dimmed. */
export function undimmed({ heads, marks }: HeadMarks, { nHeads }: Atlas): number {
  return heads.filter(({ layer, head }: Head) => !marks[layer * nHeads + head].dimmed).length;
}

export function arrangement(
  props: HeadGridProps,
  { nLayers, nHeads, done }: Atlas,
  marks: HeadMarks,
): string {
  const made = done?.reduce((sum, one) => sum + one, 0);
  const pictures = made === undefined ? "" : `, ${made} of ${nLayers * nHeads} pictures made`;
  if (!marks.sorted) return `${nLayers} layers by ${nHeads} heads${pictures}`;
  const label = props.motifs?.all.find(({ name }) => name === props.sortBy)?.label;
  return `${marks.heads.length} of ${nLayers * nHeads} heads sorted by ${label}${pictures}`;
}

/** The current head with what is known of its motifs. */
export function selectedText(props: HeadGridProps): string {
  const motifs = props.atlas && motifsFor(props.motifs, props.atlas);
  return `${headName(props.layer, props.head)} selected${headWords(motifs, props, props)}`;
}

/** Marks are made again, and with them the drawing, only when something they depend on became another. */
export function marksCache(): (props: HeadGridProps, atlas: Atlas) => HeadMarks {
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
