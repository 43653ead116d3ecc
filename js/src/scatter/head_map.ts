// Which point belongs to which head and prompt, and what is known of it by column.

import { type Head, type NamedHead, sameModelName } from "../kit/selection.ts";

export interface MapInfo {
  id: string;
  models: string[];
  /** One point a head, or one a head and prompt. */
  point: "head" | "pattern";
  /** What the patterns are between that heads are compared on. */
  unit: "token" | "word";
  /** How many points there are. */
  n: number;
  kind: string;
  method: string;
  /** Their short texts; none where no pattern is of a prompt. */
  prompts: string[];
  /** Models that are checkpoints of one, in the order of training. */
  course?: string[];
  /** What small patterns are of, where they are not of the prompts. */
  pictures_of?: string;
  /** One number a model. */
  n_layers: number[];
  n_heads: number[];
}

export interface Categories {
  readonly type: "category";
  readonly name: string;
  readonly label: string;
  /** [point], indices into `values`, or NO_VALUE */
  readonly codes: Uint16Array;
  readonly values: readonly string[];
  readonly colors: readonly string[] | null;
  /** How a point gets its value, in words */
  readonly about?: string;
  /** What filters call the values, where that is not what is read. */
  readonly keys?: readonly string[];
  /** Further values of points that have several: point and code. */
  readonly others?: readonly (readonly [number, number])[];
}

export interface Numbers {
  readonly type: "number";
  readonly name: string;
  readonly label: string;
  /** [point]; NaN: none */
  readonly numbers: Float32Array;
  /** [point], standard deviation over the prompts that a number is a mean of */
  readonly spread?: Float32Array;
  /** Whether it is a motif's, 0 to 1, which can be told by height from those of other motifs */
  readonly score?: boolean;
}

export type Column = Categories | Numbers;
export const NO_VALUE = 65535;

export interface Neighbours {
  readonly k: number;
  /** [head, k], the nearest first */
  readonly heads: Uint32Array;
  readonly distances: Float32Array;
}

export interface Place extends Head {
  readonly model: string;
}

export interface HeadMap {
  readonly info: MapInfo;
  /** One a head. */
  readonly names: readonly string[];
  /** The same as layer, head and model. */
  readonly places: readonly Place[];
  readonly indices: ReadonlyMap<string, number>;
  /** [component][point] */
  readonly axes: readonly Float32Array[];
  readonly columns: readonly Column[];
  readonly neighbours: Neighbours | null;
}

export function headMap(
  info: MapInfo,
  names: readonly string[],
  axes: readonly Float32Array[],
  columns: readonly Column[],
  neighbours: Neighbours | null,
): HeadMap {
  return {
    info,
    names,
    places: names.map((name) => placeNamed(name, info.models[0] ?? "")),
    indices: new Map(names.map((name, i) => [name, i])),
    axes,
    columns,
    neighbours,
  };
}

/** "gpt2:L5H1" -> layer 5, head 1 of gpt2; without a model's name, of the only one. */
function placeNamed(name: string, only: string): Place {
  const [, model, layer, head] = /^(?:(.*):)?L(\d+)H(\d+)$/s.exec(name) ?? [];
  if (layer === undefined) throw new Error(`"${name}" names no head; expected something like L5H1`);
  return { model: model ?? only, layer: Number(layer), head: Number(head) };
}

export function headOf(map: HeadMap, point: number): number {
  return point % map.names.length;
}

export function promptOf(map: HeadMap, point: number): number {
  return Math.floor(point / map.names.length);
}

export function pointOf(map: HeadMap, head: number, prompt: number): number {
  return prompt * map.names.length + head;
}

export function pointsOf(map: HeadMap, head: number): number[] {
  const prompts = Math.floor(map.info.n / map.names.length);
  return Array.from({ length: prompts }, (_, prompt) => pointOf(map, head, prompt));
}

/** The index of a head; where no model has this name, that of the first model's. -1: not on this map. */
export function headAt(map: HeadMap, { layer, head, model }: Place): number {
  const several = map.info.models.length > 1;
  const known = map.info.models.includes(model) ? model : (map.info.models[0] ?? "");
  const plain = `L${layer}H${head}`;
  return map.indices.get(several ? `${known}:${plain}` : plain) ?? -1;
}

export function columnNamed(map: HeadMap, name: string): Column | undefined {
  return map.columns.find((column) => column.name === name);
}

/** How many layers and heads the model of this head has. */
export function sizeOf(map: HeadMap, { model }: Place): { nLayers: number; nHeads: number } {
  const i = Math.max(0, map.info.models.indexOf(model));
  return { nLayers: map.info.n_layers[i] ?? 0, nHeads: map.info.n_heads[i] ?? 0 };
}

/** What a map calls a head of any widget; null where it has no such head. */
export function nameIn(map: HeadMap, { layer, head, model }: NamedHead): string | null {
  const index = map.places.findIndex(
    (place) => place.layer === layer && place.head === head && sameModelName(place.model, model),
  );
  return map.names[index] ?? null;
}
