// The state of a head scatter that Python and the browser share, by trait name.
import type { Unknown, WidgetTraits } from "../pattern/traits.ts";
import type { WirePictures } from "../pattern/wire.ts";
import type { ScatterChoices } from "./props.ts";
import type { WireMap } from "./wire.ts";

/** `layer`, `head`: the current head. */
export interface HeadScatterTraits extends WidgetTraits, ScatterChoices, WireMap {
  /** The head under the pointer, once it rests. */
  hovered: string | null;
  /** Something in Python wants to hear of `hovered`. */
  hover_observed: boolean;
  /** Each head on the first prompt. */
  thumbs: { data: WirePictures; of: "head" } | Unknown;
  /** The first heads of the selection, larger. */
  gallery: { names: string[]; thumbs: WirePictures; total: number } | Unknown;
  /** What `asked` asked for. */
  thumb: { index: number; thumb: WirePictures } | Unknown;
  /** The browser asks for the thumbnail of this point. */
  asked: { index: number } | Unknown;
}
