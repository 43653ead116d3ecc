// The state of a head card that Python and the browser share, by trait name.
import type { Unknown } from "../freeze/traits.ts";
import type { Bytes, Palette } from "../pattern/traits.ts";

export interface WireRelative {
  name: string;
  layer: number;
  head: number;
  model: string;
  relation: "self" | "nearest" | "same class" | "far";
  distance: number | null;
  classes: string[];
}

export interface WireCard {
  /** Whose relatives the rows are. */
  head: string;
  model: string;
  /** The patterns are shown without the first token. */
  exclude_first?: boolean;
  /** `text` is short; `prompt` is what a run can run, "" where there is no such text. */
  columns: {
    text: string;
    prompt: string;
    /** How many cells of the pattern a side of its pictures shows, each as often as it takes to fill them. */
    cells?: number;
  }[];
  rows: WireRelative[];
  /** uint8 [row * column, side, side], value = code / 255 */
  thumbs: { data: Bytes; dtype: "uint8"; shape: [number, number, number] };
}

export interface HeadCardTraits {
  card: WireCard | Unknown;
  /** The head that the card is about. */
  current: string;
  /** The head that linked widgets show. */
  layer: number;
  head: number;
  model_name: string;
  /** The prompt whose pattern was opened last. */
  prompt: string;
  palette: Palette;
  links?: string[];
  busy: boolean;
  progress: number;
  error: string;
  editable: boolean;
}
