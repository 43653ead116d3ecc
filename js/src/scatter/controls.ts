// Around a map of heads: its toolbar and the search for a head by name.

import { type HeadMap, pointOf } from "./head_map.ts";
import type { Pointing } from "./pointing.ts";
import type { HeadScatterEvents, HeadScatterProps } from "./props.ts";
import { searchBox } from "./search_box.ts";
import type { Stage } from "./stage.ts";
import { type ToolbarProps, toolbar } from "./toolbar.ts";

export function scatterControls(
  parent: HTMLElement,
  frame: HTMLElement,
  shown: () => HeadScatterProps | null,
  pointing: Pointing,
  stage: () => Stage,
  { change }: Pick<HeadScatterEvents, "change">,
  lasso: (on: boolean) => void,
  signal: AbortSignal,
): (props: ToolbarProps & { readonly map: HeadMap }) => void {
  const bar = toolbar(
    parent,
    frame,
    {
      colorBy: (name) => change({ color_by: name, hidden: [] }),
      sizeBy: (name) => change({ size_by: name }),
      palette: (palette) => change({ palette }),
      view: (components) => change(components ? { components, view3d: false } : { view3d: true }),
      neighbours: (count) => change({ show_neighbours: count }),
      lasso,
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
  return (props) => {
    setNames(props.map.names);
    bar.update(props);
  };
}
