// What a heatmap shows, and what it asks for.
import type { Cell, Head } from "../kit/selection.ts";
import type { Motifs } from "../motifs/motifs.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { Kind, Palette, Scale, StripMode } from "../pattern/traits.ts";

/** A pattern with the tokens it was made of. */
export interface Picture {
  readonly pattern: Pattern;
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
}

export interface HeatmapProps {
  readonly picture: Picture | null;
  /** The picture is an older one; the wanted one is on its way. */
  readonly waiting: boolean;
  readonly layer: number;
  readonly head: number;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly locked: Cell;
  /** Where the pointer is in a widget that this one is linked with. */
  readonly hovered?: Cell;
  readonly kind: Kind;
  readonly kinds: readonly Kind[];
  /** The pattern was not made by this run but held from another one. */
  readonly held?: boolean;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly strip: StripMode;
  readonly motifs: Motifs | null;
  readonly overlays: readonly string[];
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
  readonly editable: boolean;
  readonly prompt: string;
}

export interface HeatmapEvents {
  select(head: Head): void;
  lock(cell: Cell): void;
  hover?(cell: Cell): void;
  /** Left out where the kind is chosen elsewhere. */
  kind?(kind: Kind): void;
  scale(scale: Scale): void;
  palette(palette: Palette): void;
  strip(mode: StripMode): void;
  overlays(names: string[]): void;
  run(prompt: string): void;
}
