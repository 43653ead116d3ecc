// Around a map of heads: its toolbar and the search for a head by name.

import { memo } from "../kit/memo.ts";
import { filterPanel } from "./filter_panel.ts";
import type { Filtered, Filters } from "./filters.ts";
import { type HeadMap, pointOf } from "./head_map.ts";
import type { Placing } from "./placing.ts";
import type { Pointing } from "./pointing.ts";
import type { HeadScatterEvents, HeadScatterProps } from "./props.ts";
import { searchBox } from "./search_box.ts";
import { shownLine } from "./shown_line.ts";
import type { Stage } from "./stage.ts";
import { type ToolbarProps, toolbar } from "./toolbar.ts";

export type ControlsProps = Omit<ToolbarProps, "filters"> &
  Omit<Placing, "axes"> & {
    readonly map: HeadMap;
    readonly chosen: Filters;
    readonly through: Filtered;
  };

export function scatterControls(
  parent: HTMLElement,
  frame: HTMLElement,
  shown: () => HeadScatterProps | null,
  pointing: Pointing,
  stage: () => Stage,
  { change }: Pick<HeadScatterEvents, "change">,
  toggles: { lasso(on: boolean): void; filters(): void },
  signal: AbortSignal,
): (props: ControlsProps) => void {
  const bar = toolbar(
    parent,
    frame,
    {
      colorBy: (name) => change({ color_by: name, hidden: [] }),
      sizeBy: (name) => change({ size_by: name }),
      palette: (palette) => change({ palette }),
      view: (components) => change(components ? { components, view3d: false } : { view3d: true }),
      neighbours: (count) => change({ show_neighbours: count }),
      lasso: toggles.lasso,
      axis: (which, name) => change(which === "x" ? { x: name } : { y: name }),
      filter: toggles.filters,
      zoom: (factor) => stage().zoomBy(factor),
      fit: () => stage().fit(),
    },
    signal,
  );
  const setNames = searchBox(
    bar.element,
    {
      choose(name, more) {
        const map = shown()?.map;
        const head = map?.indices.get(name) ?? -1;
        if (!map || head < 0) return;
        pointing.select(head, more);
        stage().show(pointOf(map, head, pointing.prompt()));
        stage().element.focus({ preventScroll: true });
      },
      point: pointing.hoverName,
    },
    signal,
  );
  const panel = filterPanel((filters) => change({ filters }), signal);
  parent.append(panel.element);
  const setShown = shownLine(parent, (filters) => change({ filters }), signal);
  const findable = memo((names: readonly string[], out: Uint8Array) =>
    names.filter((_, head) => !out[head]),
  );
  return (props) => {
    const { map, chosen, through, missing, ruled } = props;
    const filters = Object.keys(chosen).length;
    setNames(findable(map.names, through.outHeads));
    bar.update({ ...props, filters });
    panel.element.hidden = !props.filtering;
    panel.update(map, chosen);
    const out = (i: number) => through.out[i] === 1;
    const without = missing?.reduce((n, flag, i) => n + (flag && !out(i) ? 1 : 0), 0) ?? 0;
    const axes = ruled?.flatMap(({ range, label }) => (range ? [label] : [])).join(" or ") ?? "";
    setShown({ map, filters: chosen, points: through.points, missing: without, axes });
  };
}
