// What stands on the axes, a component of the embedding or any column -> where points lie within [-1, 1].

import { rangeOf } from "./coloring.ts";
import { columnNamed, type HeadMap, type Numbers } from "./head_map.ts";

export interface Axis {
  readonly label: string;
  /** The values at -1 and 1; null: a component, whose values mean nothing. */
  readonly range: readonly [number, number] | null;
}

export interface Placing {
  /** Two, or three that are turned. */
  readonly axes: readonly Float32Array[];
  /** What they are, across and up; null where both are components. */
  readonly ruled: readonly [Axis, Axis] | null;
  /** [point], 1: it has no value on an axis; null: all have one. */
  readonly missing: Uint8Array | null;
}

export function placed(
  map: HeadMap,
  [x, y]: readonly [string, string],
  [across, up]: readonly [number, number],
  solid: boolean,
): Placing {
  const columns = [numbersNamed(map, x), numbersNamed(map, y)] as const;
  const components = [map.axes[across] ?? map.axes[0], map.axes[up] ?? map.axes[1]] as const;
  if (!columns[0] && !columns[1]) {
    const axes = solid && map.axes.length === 3 ? map.axes : components;
    return { axes, ruled: null, missing: null };
  }
  const found = [0, 1].map((i) => {
    const column = columns[i];
    const values = column?.numbers ?? components[i];
    const range = rangeOf(values);
    const name = `${map.info.method} ${([across, up][i] ?? i) + 1}`;
    const axis: Axis = { label: column?.label ?? name, range: column ? range : null };
    return { axis, places: within(values, range) };
  });
  return {
    axes: found.map(({ places }) => places),
    ruled: [found[0].axis, found[1].axis],
    missing: missingOf(columns),
  };
}

function numbersNamed(map: HeadMap, name: string): Numbers | null {
  const column = name === "" ? undefined : columnNamed(map, name);
  return column?.type === "number" ? column : null;
}

/** Where there is no value the place is in the middle, and never shown. */
function within(values: Float32Array, [low, high]: readonly [number, number]): Float32Array {
  return values.map((value) => (Number.isNaN(value) ? 0 : ((value - low) / (high - low)) * 2 - 1));
}

function missingOf(columns: readonly (Numbers | null)[]): Uint8Array | null {
  const given = columns.filter((column) => column !== null);
  const n = given[0]?.numbers.length ?? 0;
  let some = false;
  const missing = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (!given.some(({ numbers }) => Number.isNaN(numbers[i]))) continue;
    missing[i] = 1;
    some = true;
  }
  return some ? missing : null;
}
