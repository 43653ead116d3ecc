// What a scatter's view is given, and what it says back.

import type { Palette } from "../kit/names.ts";
import type { Filters } from "./filters.ts";
import type { HeadMap } from "./head_map.ts";
import type { Pictures } from "./pictures.ts";

/** What a reader can change. */
export interface ScatterChoices {
  /** Names of heads. */
  selection: string[];
  /** The current head, and its model. */
  layer: number;
  head: number;
  model_name: string;
  color_by: string;
  /** A column's name; "": all of one size. */
  size_by: string;
  /** Columns of numbers on the axes; "": a component. */
  x: string;
  y: string;
  filters: Filters;
  /** Which checkpoint heads are at, or on their way from; null: all at once. */
  checkpoint: number | null;
  /** Which components are shown, across and up. */
  components: [number, number];
  /** All three components at once. */
  view3d: boolean;
  /** Values of the colours' column that are switched off; "" stands for "none". */
  hidden: string[];
  /** How many lines go from the current head to those most like it. */
  show_neighbours: number;
  palette: Palette;
}

export interface HeadScatterProps extends Readonly<ScatterChoices> {
  readonly map: HeadMap | null;
  /** A head that is pointed at outside this view. */
  readonly hovered: string | null;
  readonly pictures: Pictures;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly editable: boolean;
}

export interface HeadScatterEvents {
  change(changes: Partial<ScatterChoices>): void;
  /** The pointer is over this head now. */
  hover(name: string | null): void;
  /** The pattern of this point is wanted. */
  ask(point: number): void;
}
