// Heads and their motifs -> the table of them: a row a head, a column a motif.
import type { Table } from "../kit/save.ts";
import { type Motifs, scoreOf } from "../motifs/motifs.ts";
import { headName } from "../pattern/pattern.ts";

/** null where nothing is measured. */
export function tableOf(motifs: Motifs | null): Table | null {
  if (!motifs) return null;
  const rows = [];
  for (let layer = 0; layer < motifs.nLayers; layer++) {
    for (let head = 0; head < motifs.nHeads; head++) {
      const scores = motifs.all.map((motif) => {
        const score = scoreOf(motifs, motif, { layer, head });
        return Number.isNaN(score) ? null : Number(score.toPrecision(5));
      });
      const dominant = motifs.dominant[layer]?.[head] ?? "";
      rows.push([headName(layer, head), layer, head, dominant, ...scores]);
    }
  }
  return [["name", "layer", "head", "dominant", ...motifs.all.map(({ name }) => name)], ...rows];
}
