// Checkpoints of one model -> every head at one moment of training, on its way from a checkpoint to the next.

import { type HeadMap, pointOf } from "./head_map.ts";

export interface Course {
  /** [checkpoint][head of the model]: heads of the map */
  readonly heads: readonly (readonly number[])[];
  /** [head of the map]: which of the model's heads it is; -1: it is of another model. */
  readonly index: Int32Array;
}

/** null: no models are checkpoints of one; `names` are in the order of training. */
export function courseOf(map: HeadMap): Course | null {
  const names = map.info.course ?? [];
  if (names.length < 2) return null;
  const heads = names.map((name) =>
    [...map.places.keys()].filter((head) => map.places[head].model === name),
  );
  const index = new Int32Array(map.names.length).fill(-1);
  for (const own of heads) for (const [i, head] of own.entries()) index[head] = i;
  return { heads, index };
}

export interface Moment {
  readonly axes: readonly Float32Array[];
  /** [point], 1: of a checkpoint that it is not the turn of */
  readonly hidden: Uint8Array;
  /** Which checkpoint heads are shown as: the nearest. */
  readonly at: number;
}

export function momentOf(
  map: HeadMap,
  { heads, index }: Course,
  axes: readonly Float32Array[],
  missing: Uint8Array | null,
  time: number,
): Moment {
  const last = heads.length - 1;
  const from = Math.min(last, Math.max(0, Math.floor(time)));
  const to = Math.min(last, from + 1);
  const done = time - from;
  const at = done < 0.5 ? from : to;
  const moved = axes.map((axis) => axis.slice());
  const hidden = new Uint8Array(map.info.n);
  for (let point = 0; point < hidden.length; point++) {
    const head = point % map.names.length;
    const i = index[head];
    if (i < 0) continue;
    if (heads[at][i] !== head) {
      hidden[point] = 1;
      continue;
    }
    const prompt = (point - head) / map.names.length;
    const [a, b] = [heads[from][i], heads[to][i]].map((one) => pointOf(map, one, prompt));
    // where it has no value it cannot come from
    if (missing?.[a] || missing?.[b]) continue;
    for (const [k, axis] of moved.entries())
      axis[point] = axes[k][a] + (axes[k][b] - axes[k][a]) * done;
  }
  return { axes: moved, hidden, at };
}

/** The same head at another checkpoint; itself where its model has none. */
export function headAtCheckpoint({ heads, index }: Course, head: number, at: number): number {
  return head < 0 || index[head] < 0 ? head : heads[at][index[head]];
}

/** Places one after the other, as axes have them. */
export type Trail = readonly (readonly [x: number, y: number])[];

export function trailsOf(
  { heads, index }: Course,
  axes: readonly Float32Array[],
  wanted: readonly number[],
  checkpoint: number | null,
  moment: Moment | null,
): Trail[] {
  const until = heads.slice(0, Math.floor(checkpoint ?? heads.length - 1) + 1);
  const own = new Set(wanted.map((head) => (head < 0 ? -1 : index[head])));
  own.delete(-1);
  return [...own].map((i) => {
    const past = until.map((at) => placeOf(axes, at[i]));
    return moment ? [...past, placeOf(moment.axes, heads[moment.at][i])] : past;
  });
}

function placeOf([x, y]: readonly Float32Array[], point: number): readonly [number, number] {
  return [x[point], y[point]];
}
