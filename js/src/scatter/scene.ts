// A map and what is chosen -> what the stage shows: axes, colours, sizes, who is selected, what is marked.

import { memo } from "../kit/memo.ts";
import type { Palette } from "../kit/names.ts";
import type { Theme } from "../kit/theme.ts";
import { pixelOf, ramp } from "../pattern/color.ts";
import type { Ink } from "../pattern/thumbs.ts";
import { type Coloring, coloringOf, noColor } from "./coloring.ts";
import {
  type Course,
  courseOf,
  headAtCheckpoint,
  type Moment,
  momentOf,
  type Trail,
  trailsOf,
} from "./course.ts";
import { type Filtered, filtered } from "./filters.ts";
import { columnNamed, type HeadMap, headOf, pointOf, pointsOf } from "./head_map.ts";
import type { Marks } from "./marks.ts";
import { neighbourLines } from "./neighbour_lines.ts";
import { type Placing, placed } from "./placing.ts";
import type { HeadScatterProps } from "./props.ts";
import { sizeSteps } from "./sizing.ts";

/** A head may have this many marked points. */
const MOST_MARKED = 300;

export interface Pointing {
  /** The current head; -1: not on this map. */
  readonly head: number;
  /** The prompt whose points are joined by lines. */
  readonly prompt: number;
  /** The point under the pointer. */
  readonly point: number | null;
  /** A head that is pointed at outside the plot. */
  readonly outside: string | null;
}

/** Each part is made again only when something it depends on became another. */
export interface Scene {
  placing(map: HeadMap, now: HeadScatterProps): Placing;
  /** Where points are at the checkpoint on show; null: all checkpoints are. */
  moment(map: HeadMap, now: HeadScatterProps): Moment | null;
  /** A head as it is at the checkpoint on show. */
  standIn(map: HeadMap, now: HeadScatterProps, head: number): number;
  /** The ways of these heads from the first checkpoint to where they are. */
  trails(map: HeadMap, now: HeadScatterProps, heads: readonly number[]): readonly Trail[];
  filtered(map: HeadMap, now: HeadScatterProps): Filtered;
  /** [point], 1: switched off with its group, filtered out, or without a value on an axis. */
  hidden(map: HeadMap, now: HeadScatterProps, theme: Theme): Uint8Array;
  coloring(map: HeadMap, now: HeadScatterProps, theme: Theme): Coloring;
  sizes(map: HeadMap, now: HeadScatterProps): Uint8Array | null;
  selected(map: HeadMap, now: HeadScatterProps, current: string): ReadonlySet<number>;
  ink(now: HeadScatterProps, theme: Theme): Ink;
}

export function scatterScene(): Scene {
  const placing = memo(
    (map: HeadMap, solid: boolean, x: string, y: string, across: number, up: number) =>
      placed(map, [x, y], [across, up], solid),
  );
  const through = memo(filtered);
  const course = memo(courseOf);
  const moment = memo(momentOf);
  const hidden = memo((...flags: readonly (Uint8Array | null)[]): Uint8Array => {
    const [first, ...others] = flags.filter((one) => one !== null);
    return others.length === 0
      ? first
      : first.map((flag, i) => (flag || others.some((other) => other[i] === 1) ? 1 : 0));
  });
  const colored = memo(coloringOf);
  const plain = memo(
    (n: number, dark: boolean): Coloring => ({
      codes: new Uint16Array(n),
      colors: [noColor(dark), noColor(dark)],
      hidden: new Uint8Array(n),
      legend: null,
    }),
  );
  const sizes = memo(sizeSteps);
  const selected = memo(
    (
      map: HeadMap,
      selection: readonly string[],
      current: string,
      way: Course | null,
      at: number | null,
    ): ReadonlySet<number> => {
      // The ring says enough of the current head alone.
      const alone = selection.length === 1 && selection[0] === current;
      const heads = alone ? [] : selection.flatMap((name) => map.indices.get(name) ?? []);
      const now = (head: number) => (way && at !== null ? headAtCheckpoint(way, head, at) : head);
      return new Set(heads.flatMap((head) => pointsOf(map, now(head))));
    },
  );
  const ink = memo(
    (palette: Palette, { dark, blank }: Theme): Ink => ({
      colors: ramp(palette, dark),
      blank: pixelOf(blank),
    }),
  );
  const coloring: Scene["coloring"] = (map, now, { dark }) => {
    const column = columnNamed(map, now.color_by);
    if (!column) return plain(map.info.n, dark);
    return colored(column, now.hidden, now.palette, dark);
  };
  const placingOf: Scene["placing"] = (map, { view3d, x, y, components: [across, up] }) =>
    placing(map, view3d, x, y, across, up);
  const momentNow: Scene["moment"] = (map, now) => {
    const way = course(map);
    if (!way || now.checkpoint === null) return null;
    const { axes, missing } = placingOf(map, now);
    return moment(map, way, axes, missing, now.checkpoint);
  };
  const standIn: Scene["standIn"] = (map, now, head) => {
    const way = course(map);
    const then = momentNow(map, now);
    return way && then ? headAtCheckpoint(way, head, then.at) : head;
  };
  const filteredOf: Scene["filtered"] = (map, { filters }) => through(map, filters);
  return {
    coloring,
    placing: placingOf,
    filtered: filteredOf,
    moment: momentNow,
    standIn,
    trails(map, now, heads) {
      const way = course(map);
      const { axes } = placingOf(map, now);
      if (!way || axes.length === 3 || map.info.point === "pattern") return [];
      return trailsOf(way, axes, heads, now.checkpoint, momentNow(map, now));
    },
    hidden(map, now, theme) {
      const none = Object.keys(now.filters).length === 0;
      const out = none ? null : filteredOf(map, now).out;
      const later = momentNow(map, now)?.hidden ?? null;
      return hidden(coloring(map, now, theme).hidden, out, placingOf(map, now).missing, later);
    },
    sizes: (map, now) => sizes(columnNamed(map, now.size_by), map.info.n),
    selected: (map, now, current) =>
      selected(map, now.selection, current, course(map), momentNow(map, now)?.at ?? null),
    ink: (now, theme) => ink(now.palette, theme),
  };
}

export function marksOf(
  map: HeadMap,
  now: HeadScatterProps,
  { head, prompt, point, outside }: Pointing,
  hidden: Uint8Array,
): Omit<Marks, "lasso" | "rotation" | "ruled" | "trails"> {
  const pointsMarked = (one: number) => (one < 0 ? [] : pointsOf(map, one).slice(0, MOST_MARKED));
  const current = head < 0 ? null : pointOf(map, head, prompt);
  const lines = neighbourLines(map, head, prompt, now.show_neighbours, hidden);
  // From outside a head is pointed at by its name, which is then written beside it.
  const other = outside === null ? -1 : (map.indices.get(outside) ?? -1);
  const written = [
    ...(current === null ? [] : [current]),
    ...(other < 0 || other === head ? [] : [pointOf(map, other, prompt)]),
    ...lines.map(({ to }) => to),
  ];
  return {
    current,
    siblings: pointsMarked(head).filter((sibling) => sibling !== current),
    hovered: point === null ? pointsMarked(other) : [point],
    lines,
    names: written
      .filter((one) => !hidden[one])
      .map((one) => ({ point: one, text: map.names[headOf(map, one)] })),
  };
}
