// What a stage shows -> where its points lie, the points to paint and their look. Made again only where it changed.

import { memo } from "../kit/memo.ts";
import type { Theme } from "../kit/theme.ts";
import { hex } from "./coloring.ts";
import { drawingOrder, hiddenInTurn, type Painted, painted } from "./drawing_order.ts";
import type { PointStyle } from "./points_plot.ts";
import { project, type Rotation } from "./rotation.ts";
import type { Cloud } from "./screen.ts";
import { encodings, STEPS } from "./sizing.ts";

export interface PointsShown {
  /** Two components, or three that are turned. */
  readonly axes: readonly Float32Array[];
  readonly codes: Uint16Array;
  readonly colors: readonly string[];
  readonly hidden: Uint8Array;
  readonly sizes: Uint8Array | null;
  readonly selected: ReadonlySet<number>;
  readonly theme: Theme;
}

export interface CloudMaker {
  cloud(shown: PointsShown, rotation: Rotation): Cloud;
  /** While they are turned, enough points to see it by. */
  painted(shown: PointsShown, cloud: Cloud, turning: boolean): Painted;
  /** Places of selected points in the order of painting. */
  places(shown: PointsShown, points: Painted): readonly number[];
  style(shown: PointsShown, unzoomed: number): PointStyle;
  /** A point's diameter before the zoom, as `style` gives it. */
  size(shown: PointsShown, cloud: Cloud, point: number, unzoomed: number): number;
}

export function cloudMaker(): CloudMaker {
  const flat = memo(
    (x: Float32Array, y: Float32Array, hidden: Uint8Array): Cloud => ({ x, y, near: null, hidden }),
  );
  const solid = memo(
    (axes: readonly Float32Array[], hidden: Uint8Array, rotation: Rotation): Cloud => ({
      ...project(axes, rotation),
      hidden,
    }),
  );
  const inTurn = memo(hiddenInTurn);
  const points = memo(
    (
      cloud: Cloud,
      hidden: Uint8Array,
      codes: Uint16Array,
      none: number,
      sizes: Uint8Array | null,
    ): Painted => painted(cloud, drawingOrder({ ...cloud, hidden }, codes, none), codes, sizes),
  );
  const places = memo((order: Uint32Array, selected: ReadonlySet<number>): number[] => {
    const found: number[] = [];
    if (selected.size === 0) return found;
    for (let at = 0; at < order.length; at++) if (selected.has(order[at])) found.push(at);
    return found;
  });
  const sized = memo(encodings);
  const style = memo(
    (
      colors: readonly string[],
      { sizes, opacities }: ReturnType<typeof encodings>,
      background: string,
    ): PointStyle => ({ colors, sizes, opacities, background }),
  );
  const sizesOf = ({ hidden, sizes, axes }: PointsShown, unzoomed: number) =>
    sized(hidden.length, sizes !== null, axes.length === 3, unzoomed);
  return {
    cloud: ({ axes, hidden }, rotation) =>
      axes.length === 3 ? solid(axes, hidden, rotation) : flat(axes[0], axes[1], hidden),
    painted({ codes, colors, sizes, hidden, selected }, cloud, turning) {
      const unseen = turning ? inTurn(hidden, selected) : hidden;
      return points(cloud, unseen, codes, colors.length - 1, sizes);
    },
    places: ({ selected }, { order }) => places(order, selected),
    style: (shown, unzoomed) =>
      style(
        shown.colors,
        sizesOf(shown, unzoomed),
        hex(shown.theme.background, shown.theme.dark ? "#111419" : "#ffffff"),
      ),
    size(shown, { near }, point, unzoomed) {
      const depth = near ? Math.round(((near[point] + 1) / 2) * (STEPS - 1)) : STEPS - 1;
      return sizesOf(shown, unzoomed).sizes[(shown.sizes?.[point] ?? 0) * STEPS + depth];
    },
  };
}
