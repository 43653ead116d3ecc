// The state of a head grid that Python and the browser share, by trait name.
import type { Scale } from "../kit/names.ts";
import type { MotifTraits } from "../motifs/traits.ts";
import type { WireAtlas } from "../pattern/wire.ts";
import type { Layers } from "./layout.ts";

export interface HeadGridTraits extends MotifTraits {
  cell_size: number;
  layers?: Layers;
  atlas: WireAtlas | null;
  scales: Scale[] | null;
  /** "", "dominant" or a motif's name */
  motif?: string;
  /** "" or a motif's name */
  sort_by?: string;
  min_score?: number;
}
