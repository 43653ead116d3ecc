// The state of a freeze panel that Python and the browser share, by trait name.
import type { HeatmapTraits } from "../heatmap/traits.ts";
import type { Unknown } from "../pattern/traits.ts";
import type { Effects, NextTokens } from "./results.ts";
import type { Settings } from "./settings.ts";
import type { Align } from "./token_chips.ts";
import type { WireAttribution } from "./wire.ts";

/** The trace is that of the edited prompt. A held pattern is that of the baseline. */
export interface FreezePanelTraits extends HeatmapTraits, Settings {
  /** Token ids of the edited prompt. */
  ids: number[];
  /** The query after which the next token is looked at; -1: the last. */
  position: number;
  /** How patterns are held between prompts of different lengths. */
  align: Align;
  /** The browser asks for single tokens that start with `text`. */
  asked: { position: number; text: string } | Unknown;
  suggestions: { position: number; text: string; tokens: { id: number; text: string }[] } | Unknown;
  baseline: { id: string; text: string; tokens: string[]; ids: number[] };
  next_tokens: NextTokens | Unknown;
  effects: Effects | Unknown;
  attribution: WireAttribution | Unknown;
}
