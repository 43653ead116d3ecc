// What a head grid shows, and what it asks for.
import type { Palette, Scale, Unit } from "../kit/names.ts";
import type { Cell, Head } from "../kit/selection.ts";
import type { Motifs } from "../motifs/motifs.ts";
import type { Atlas } from "../pattern/atlas.ts";
import type { Layers } from "./layout.ts";

export interface HeadGridProps {
  readonly atlas: Atlas | null;
  readonly waiting: boolean;
  readonly layer: number;
  readonly head: number;
  /** The head under the pointer in a widget that this one is linked with. */
  readonly hovered?: Head | null;
  readonly nQuery: number;
  readonly nKey: number;
  readonly locked: Cell;
  readonly unit: Unit;
  readonly units: readonly Unit[];
  readonly scale: Scale;
  readonly scales: readonly Scale[];
  readonly palette: Palette;
  readonly size: number;
  readonly layers: Layers;
  readonly motifs: Motifs | null;
  readonly motif: string;
  readonly sortBy: string;
  readonly minScore: number;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly notice: string;
  readonly editable: boolean;
  readonly prompt: string;
}

/** What a reader can choose, by trait. */
export interface GridChoices extends Head, Cell {
  readonly unit: Unit;
  readonly scale: Scale;
  readonly palette: Palette;
  /** 0: as large as fits */
  readonly cell_size: number;
  readonly layers: Layers;
  readonly motif: string;
  readonly sort_by: string;
  readonly min_score: number;
  readonly prompt: string;
}

export interface HeadGridEvents {
  /** The name of the model on show. */
  model(): string;
  change(choices: Partial<GridChoices>): void;
  hover?(head: Head | null): void;
}
