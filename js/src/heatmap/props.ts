// What a heatmap shows, and what it asks for.

import type { findBox } from "../kit/find_box.ts";
import type { Kind, Palette, Scale, Unit } from "../kit/names.ts";
import type { Cell, Head } from "../kit/selection.ts";
import type { Motifs } from "../motifs/motifs.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { Detail } from "./detail.ts";
import type { StripWindows } from "./strip_window.ts";

export type StripMode = "attends_to" | "attended_by";

/** A pattern with the tokens it was made of. */
export interface Picture {
  readonly pattern: Pattern;
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
  /** The first position that the model wrote itself. */
  readonly generatedFrom: number | null;
  /** What they are. */
  readonly unit: Unit;
}

export interface HeatmapProps {
  readonly picture: Picture | null;
  /** The picture is an older one; the wanted one is on its way. */
  readonly waiting: boolean;
  readonly layer: number;
  readonly head: number;
  readonly nLayers: number;
  readonly nHeads: number;
  /** The heads that a page holds, and the scales; undefined: all. */
  readonly heads?: readonly (readonly [number, number])[] | undefined;
  readonly scales?: readonly Scale[] | undefined;
  /** Nobody goes on measuring. */
  readonly final?: boolean;
  readonly locked: Cell;
  /** Where the pointer is in a widget that this one is linked with. */
  readonly hovered?: Cell;
  readonly kind: Kind;
  readonly kinds: readonly Kind[];
  readonly unit: Unit;
  readonly units: readonly Unit[];
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

/** What a reader can choose. */
export interface HeatmapChoices extends Head, Cell {
  readonly kind: Kind;
  readonly unit: Unit;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly strip: StripMode;
  readonly overlays: string[];
  readonly prompt: string;
}

export interface LongTools {
  /** Finer parts and exact lines of patterns that are too long to be here whole. */
  readonly detail: Detail;
  readonly strips: StripWindows;
  readonly find: typeof findBox;
}

export interface HeatmapEvents {
  change(choices: Partial<HeatmapChoices>): void;
  hover?(cell: Cell): void;
  /** Whether the kind is chosen here, or elsewhere. */
  readonly choosesKind: boolean;
  /** Whether there is a switch between tokens and words. */
  readonly choosesUnit: boolean;
  /** A menu that saves what is on show, where there is one. */
  save?(
    parent: Element,
    of: () => { picture: Picture; stage: HTMLElement } | null,
    signal: AbortSignal,
  ): void;
  /** For prompts of thousands of tokens; where those cannot be, this need not be there. */
  readonly long?: LongTools;
}
