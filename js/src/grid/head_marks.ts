// Scores of motifs and what is asked of them -> how each head is marked, in what order they stand, who is left out.

import type { Head } from "../kit/selection.ts";
import {
  dominantText,
  indexOf,
  isMeasuring,
  type Motif,
  type Motifs,
  motifNamed,
  scoreOf,
  scoreText,
} from "../motifs/motifs.ts";

export const DOMINANT = "dominant";

export interface Asked {
  /** "", "dominant" or a name */
  readonly motif: string;
  /** "" or a name */
  readonly sortBy: string;
  readonly minScore: number;
}

/** What is known of a head's motifs, in words: the dominant one, and the one that heads are measured by. */
export function headWords(motifs: Motifs | null, asked: Asked, head: Head): string {
  // of a long prompt heads are measured once motifs are asked for
  const unasked = asked.motif === "" && asked.sortBy === "";
  if (!motifs || (unasked && isMeasuring(motifs, head))) return "";
  const also = measuring(motifs, asked);
  const dominant = motifs.dominant[head.layer]?.[head.head];
  const score = also && also.name !== dominant ? scoreText(scoreOf(motifs, also, head)) : "";
  return `, ${dominantText(motifs, head)}${score && `, ${also?.label} ${score}`}`;
}

export interface HeadMark {
  /** null: no frame */
  readonly color: string | null;
  /** How strong the frame is, from 0 to 1. */
  readonly strength: number;
  /** The head's blank cells take on its colour. */
  readonly tinted: boolean;
  /** In the corner; "" for nothing. */
  readonly text: string;
  readonly dimmed: boolean;
}

export interface HeadMarks {
  /** [layer * nHeads + head] */
  readonly marks: readonly HeadMark[];
  /** In the order in which they stand. In place: all of them, layer by layer. */
  readonly heads: readonly Head[];
  readonly sorted: boolean;
}

const PLAIN: HeadMark = { color: null, strength: 0, tinted: false, text: "", dimmed: false };

function headsInPlace(nLayers: number, nHeads: number): Head[] {
  return Array.from({ length: nLayers * nHeads }, (_, i) => ({
    layer: Math.floor(i / nHeads),
    head: i % nHeads,
  }));
}

export function plainMarks(nLayers: number, nHeads: number): HeadMarks {
  const heads = headsInPlace(nLayers, nHeads);
  return { heads, marks: heads.map(() => PLAIN), sorted: false };
}

/** The motif that `minScore` is about: what heads are sorted by, else what they show. */
export function measuring(motifs: Motifs, { motif, sortBy }: Asked): Motif | undefined {
  return motifNamed(motifs, sortBy) ?? motifNamed(motifs, motif);
}

/** Descending, heads without a score last; else layer by layer. */
export function sortedHeads(motifs: Motifs, by: Motif, minScore: number): Head[] {
  const score = (head: Head) => scoreOf(motifs, by, head);
  return headsInPlace(motifs.nLayers, motifs.nHeads)
    .filter((head) => minScore <= 0 || score(head) >= minScore)
    .sort((a, b) => {
      const [x, y] = [score(a), score(b)];
      if (Number.isNaN(x) || Number.isNaN(y))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return y - x;
    });
}

export function headMarks(motifs: Motifs, asked: Asked): HeadMarks {
  const shown = motifNamed(motifs, asked.motif);
  const by = motifNamed(motifs, asked.sortBy);
  const measured = measuring(motifs, asked);
  const inPlace = headsInPlace(motifs.nLayers, motifs.nHeads);
  const marks = inPlace.map((head): HeadMark => {
    const measure = measured ? scoreOf(motifs, measured, head) : Number.NaN;
    const dimmed = measured !== undefined && asked.minScore > 0 && !(measure >= asked.minScore);
    const text = shown ? scoreText(scoreOf(motifs, shown, head)) : by ? scoreText(measure) : "";
    if (asked.motif === DOMINANT) {
      const name = motifs.dominant[head.layer]?.[head.head] ?? "none";
      const color = motifNamed(motifs, name)?.color ?? null;
      return { color, strength: 1, tinted: color !== null, text, dimmed };
    }
    if (!shown) return { ...PLAIN, text, dimmed };
    const strength = shown.scores[indexOf(motifs, head)] || 0; // NaN is no strength
    return { color: shown.color, strength, tinted: false, text, dimmed };
  });
  const heads = by ? sortedHeads(motifs, by, asked.minScore) : inPlace;
  return { marks, heads, sorted: by !== undefined };
}

export function placeIn(heads: readonly Head[], { layer, head }: Head): number {
  return heads.findIndex((other) => other.layer === layer && other.head === head);
}

/** The place after a step along the order or by whole rows; the ends hold. */
export function stepPlace(at: number, along: number, rows: number, columns: number, count: number) {
  if (at < 0) return 0;
  const last = count - 1;
  if (along) return Math.min(last, Math.max(0, at + along));
  const to = at + rows * columns;
  if (to < 0) return at;
  if (to <= last) return to;
  return Math.floor(last / columns) > Math.floor(at / columns) ? last : at;
}
