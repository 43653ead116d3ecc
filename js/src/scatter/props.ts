// What a scatter's view is given, and what it says back.

import type { HeadMap } from "./head_map.ts";
import type { Pictures } from "./pictures.ts";
import type { HeadScatterTraits } from "./traits.ts";

/** What a reader can change. */
export type ScatterChoices = Pick<
  HeadScatterTraits,
  | "selection"
  | "hovered"
  | "layer"
  | "head"
  | "model_name"
  | "color_by"
  | "size_by"
  | "components"
  | "view3d"
  | "hidden"
  | "show_neighbours"
  | "palette"
>;

export interface HeadScatterProps extends Readonly<ScatterChoices> {
  readonly map: HeadMap | null;
  readonly pictures: Pictures;
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  readonly editable: boolean;
}

export interface HeadScatterEvents {
  change(changes: Partial<ScatterChoices>): void;
  /** The pattern of this point is wanted. */
  ask(point: number): void;
}
