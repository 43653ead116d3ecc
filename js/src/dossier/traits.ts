// The state of a dossier that Python and the browser share, by trait name.
import type { Unknown, WidgetTraits } from "../pattern/traits.ts";
import type { By } from "./props.ts";
import type { WirePage, WireRows, WireTable } from "./wire.ts";

export interface HeadDossierTraits extends WidgetTraits {
  current: string;
  model_name: string;
  heads: string[];
  by: By;
  table: WireTable | Unknown;
  page: WirePage | Unknown;
  rows: WireRows | Unknown;
  /** The example that was opened last; `count` tells two clicks on one from each other. */
  opened: { head?: string; passage?: string; query?: number; key?: number; count?: number };
  /** The same, and what came of it. */
  opening: { passage: string; query: number; key: number; text: string } | Unknown;
  /** What a page without a kernel holds: name -> page. */
  archive?: Record<string, WirePage>;
}
