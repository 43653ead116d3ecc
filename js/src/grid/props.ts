// What a head grid shows, and what it asks for.
import type { Cell, Head } from "../kit/selection.ts";
import type { Motifs } from "../motifs/motifs.ts";
import type { Atlas } from "../pattern/atlas.ts";
import type { Palette, Scale } from "../pattern/traits.ts";

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
  readonly scale: Scale;
  readonly scales: readonly Scale[];
  readonly palette: Palette;
  readonly size: number;
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

export interface HeadGridEvents {
  select(head: Head): void;
  hover?(head: Head | null): void;
  unlock(): void;
  scale(scale: Scale): void;
  palette(palette: Palette): void;
  size(cell: number): void;
  motif(name: string): void;
  sortBy(name: string): void;
  minScore(score: number): void;
  run(prompt: string): void;
}
