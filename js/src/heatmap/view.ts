// One head's pattern with everything around it: controls, prompt, token strip, plot, colour bar, readout.

import { changedOnly } from "../kit/changed.ts";
import { make } from "../kit/dom.ts";
import { promptEditor } from "../kit/prompt.ts";
import { isNothing, NOTHING } from "../kit/selection.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { headName } from "../pattern/pattern.ts";
import { displayOf } from "../pattern/scale.ts";
import { heatmapControls, type Zooming } from "./controls.ts";
import { heatmapPainting } from "./painting.ts";
import { heatmapPointing } from "./pointing.ts";
import type { HeatmapEvents, HeatmapProps, Picture } from "./props.ts";
import { AXIS_OF, type ReadoutData, read, readingText } from "./readout.ts";

export function heatmapView(
  parent: HTMLElement,
  events: HeatmapEvents,
  signal: AbortSignal,
): (props: HeatmapProps) => void {
  // Notebooks have single-key shortcuts of their own: this attribute keeps JupyterLab's away.
  const root = make("div", "aw-root aw-heatmap", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const body = make("div", "aw-body");
  root.append(body);
  const status = statusView(root, signal);

  let props: HeatmapProps | null = null;
  let announced = "";

  const zooming: Zooming = {
    by: (factor) => painting.plot.zoomBy(factor),
    fit: () => painting.plot.fit(),
  };
  const pointing = heatmapPointing(
    () => props,
    events,
    zooming,
    () => {
      painting.follow(props);
      sayPointed();
    },
  );
  const controls = heatmapControls(body, events, pointing.select, zooming, signal);
  const tools = make("div", "aw-strip-tools");
  const setFind = events.long?.find(
    tools,
    root,
    {
      go({ from }, asKey) {
        if (!props?.picture) return;
        const { pattern } = props.picture;
        const { query, key } = asKey
          ? { ...props.locked, key: from }
          : { ...props.locked, query: from };
        // what is locked on the other axis stays, unless together they name nothing
        const future = pattern.causal && query !== null && key !== null && key > query;
        const cell = { query: future && asKey ? null : query, key: future && !asKey ? null : key };
        pointing.hover(NOTHING, null); // what lay under the pointer does so no longer
        events.change(cell);
        painting.plot.reveal(cell);
      },
      announce: (text) => status.announce(text),
      leave: () => painting.plot.element.focus(),
    },
    signal,
  );
  const setPrompt = promptEditor(body, (prompt) => events.change({ prompt }), signal);
  const painting = heatmapPainting(body, controls.zooms, tools, pointing, events, theme, signal);

  const saving = () => (props?.picture ? { picture: props.picture, stage: painting.figure } : null);
  events.save?.(controls.bar, saving, signal);

  /** A cell that the keyboard points at. The pointer's cells are left alone: its user sees them. */
  function sayPointed(): void {
    const { query, key } = pointing.hovered();
    if (!props?.picture || pointing.spot() || query === null || key === null) return;
    const data = readout(props.picture, props);
    const reading = read(data, { query, key });
    if (reading) status.announce(readingText(data, reading));
  }

  function readout(picture: Picture, { scale, strip }: HeatmapProps): ReadoutData {
    const display = displayOf(picture.pattern, scale);
    return { ...picture, display, detail: events.long?.detail, axis: AXIS_OF[strip] };
  }

  /** What is locked, and of which head. */
  function sayLocked(): void {
    if (!props?.picture) return;
    const data = readout(props.picture, props);
    const name = headName(data.pattern.layer, data.pattern.head);
    const reading = read(data, props.locked);
    const say = reading ? `${name}. Locked: ${readingText(data, reading)}` : name;
    if (say !== announced && announced !== "") status.announce(say);
    announced = say;
  }

  // of what was said to be at most so much the value came
  events.long?.detail.onChange(() => {
    if (isNothing(pointing.hovered())) sayLocked();
    else sayPointed();
  }, signal);

  function refresh(): void {
    if (!props) return;
    const { picture } = props;
    root.classList.toggle("aw-held", props.held ?? false);
    root.classList.toggle("aw-has-picture", picture !== null);
    controls.update(props);
    if (picture) setFind?.({ ...picture, between: picture.unit === "word" ? " " : "" });
    setPrompt(props);
    status.update(props);
    painting.update(props);
    sayLocked();
  }

  return (next) => {
    const before = props;
    props = next;
    if (!changedOnly(before, next, "hovered")) return refresh();
    if (next.hovered && !isNothing(next.hovered)) pointing.yield();
    painting.follow(next);
  };
}
