// What is known of every head's motifs -> which are drawn, what a toggle changes, how numbers are written.

import type { Head } from "../kit/selection.ts";
import type { Shape } from "./geometry.ts";

export interface Motif {
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly description: string;
  readonly source: string;
  /** [layer * nHeads + head]; NaN where it cannot be measured */
  readonly scores: Float32Array;
  readonly lifts: Float32Array;
  /** What knowing the motif's cells tells about where a row looks */
  readonly bits: Float32Array;
  readonly present: Uint8Array;
  /** The same for all heads. */
  readonly shape: Shape | null;
  /** [layer][head], where each head has its own. */
  readonly found: (Shape | null)[][] | null;
}

export interface Motifs {
  readonly traceId: string;
  readonly nLayers: number;
  readonly nHeads: number;
  /** In the order in which they are listed. */
  readonly all: readonly Motif[];
  /** [layer][head]: a name, or "none" */
  readonly dominant: readonly (readonly string[])[];
  /** How a head gets that name, in words */
  readonly rule: string;
  /** [layer * nHeads + head]: which heads are measured already; null: all */
  readonly scored: Uint8Array | null;
}

export const AUTO = "auto";

export function motifNamed(motifs: Motifs, name: string): Motif | undefined {
  return motifs.all.find((motif) => motif.name === name);
}

export function indexOf(motifs: Motifs, { layer, head }: Head): number {
  const inside = layer < motifs.nLayers && head < motifs.nHeads;
  return inside ? layer * motifs.nHeads + head : -1;
}

/** Not yet: its scores come later. */
export function isMeasuring(motifs: Motifs, head: Head): boolean {
  const index = indexOf(motifs, head);
  return index >= 0 && motifs.scored !== null && motifs.scored[index] === 0;
}

/** NaN also where there is no such head. */
export function scoreOf(motifs: Motifs, motif: Motif, head: Head): number {
  return motif.scores[indexOf(motifs, head)] ?? Number.NaN;
}

export function liftOf(motifs: Motifs, motif: Motif, head: Head): number {
  return motif.lifts[indexOf(motifs, head)] ?? Number.NaN;
}

export function bitsOf(motifs: Motifs, motif: Motif, head: Head): number {
  return motif.bits[indexOf(motifs, head)] ?? Number.NaN;
}

export function shapeOf(motif: Motif, { layer, head }: Head): Shape | null {
  return motif.found?.[layer]?.[head] ?? motif.shape;
}

/** Whether any head can have something to draw. */
export function isDrawable(motif: Motif): boolean {
  return motif.shape !== null || motif.found !== null;
}

/** Names in `overlays` with "auto" spelled out for this head, each once. Names nobody knows are left out. */
export function chosen(motifs: Motifs, overlays: readonly string[], head: Head): string[] {
  const index = indexOf(motifs, head);
  const names = overlays.flatMap((name) =>
    name === AUTO
      ? motifs.all.filter(({ present }) => present[index]).map((motif) => motif.name)
      : motifNamed(motifs, name)
        ? [name]
        : [],
  );
  return [...new Set(names)];
}

export function toggleAuto(overlays: readonly string[]): string[] {
  const others = overlays.filter((name) => name !== AUTO);
  return overlays.includes(AUTO) ? others : [AUTO, ...others];
}

/**
 * What is drawn goes, what is not drawn comes. "auto" would bring back what it chose itself: to leave out one of
 * those, the list becomes the others by name.
 */
export function toggleMotif(
  motifs: Motifs,
  overlays: readonly string[],
  head: Head,
  name: string,
): string[] {
  const without = overlays.filter((other) => other !== name);
  if (!chosen(motifs, overlays, head).includes(name)) return [...without, name];
  const still = chosen(motifs, without, head);
  return still.includes(name) ? still.filter((other) => other !== name) : without;
}

/** The motifs with the highest scores, best first. */
export function topMotifs(motifs: Motifs, head: Head, count: number): Motif[] {
  const score = (motif: Motif) => scoreOf(motifs, motif, head);
  return motifs.all
    .filter((motif) => !Number.isNaN(score(motif)))
    .sort((a, b) => score(b) - score(a))
    .slice(0, count);
}

/** The dominant motif of a head with its score and bits, in words. */
export function dominantText(motifs: Motifs, head: Head): string {
  if (isMeasuring(motifs, head)) return "motifs are being measured";
  const motif = motifNamed(motifs, motifs.dominant[head.layer]?.[head.head] ?? "");
  if (!motif) return "no dominant motif";
  const score = scoreText(scoreOf(motifs, motif, head));
  return `dominant motif ${motif.label}, score ${score}, ${bitsText(bitsOf(motifs, motif, head))} bits`;
}

/**
 * How many heads each motif dominates, those that dominate none left out; last the heads without one.
 * Heads that are still being measured do not count.
 */
export function dominantCounts(motifs: Motifs): { motif: Motif | null; count: number }[] {
  const names = motifs.dominant.flat().filter((_, head) => motifs.scored?.[head] !== 0);
  const of = (name: string) => names.filter((other) => other === name).length;
  const counts = motifs.all.map((motif) => ({ motif, count: of(motif.name) }));
  const rest = names.length - counts.reduce((sum, { count }) => sum + count, 0);
  const some = counts.filter(({ count }) => count > 0);
  return rest > 0 ? [...some, { motif: null, count: rest }] : some;
}

const NOT_MEASURABLE = "-";

export function scoreText(score: number): string {
  return Number.isNaN(score) ? NOT_MEASURABLE : score.toFixed(2);
}

export function bitsText(bits: number): string {
  return Number.isNaN(bits) ? NOT_MEASURABLE : bits.toFixed(1);
}

export function liftText(lift: number): string {
  if (Number.isNaN(lift)) return NOT_MEASURABLE;
  return `${lift.toFixed(lift < 99.95 ? 1 : 0)}x`;
}
