// The state of a heatmap that Python and the browser share, by trait name.
import type { Kind } from "../kit/names.ts";
import type { MotifTraits } from "../motifs/traits.ts";
import type { WireLine, WirePattern, WireTile } from "../pattern/wire.ts";
import type { StripMode } from "./props.ts";

export interface HeatmapTraits extends MotifTraits {
  kind: Kind;
  strip: StripMode;
  pattern: WirePattern | null;
  shown: string;
  archive: WirePattern[] | null;
  /** What a page without a kernel has of long patterns beside their overviews. */
  tiles_archive?: WireTile[] | null;
  lines_archive?: WireLine[] | null;
  /** Names of motifs, and "auto" for those that the head really has. */
  overlays?: string[];
}
