// All heads at a glance with everything around them: controls, prompt, grid, enlarged head.

import { changedOnly } from "../kit/changed.ts";
import { make } from "../kit/dom.ts";
import { eachFrame } from "../kit/frames.ts";
import { promptEditor } from "../kit/prompt.ts";
import { saveMenu } from "../kit/save.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { waitingMark } from "../kit/waiting.ts";
import { headName } from "../pattern/pattern.ts";
import { gridControls } from "./controls.ts";
import { marksCache, motifsFor, selectedText, undimmed } from "./marked.ts";
import { motifControls } from "./motif_controls.ts";
import { gridPainting } from "./painting.ts";
import { gridPointing } from "./pointing.ts";
import type { HeadGridEvents, HeadGridProps } from "./props.ts";
import { tableOf } from "./table.ts";

export function headGridView(
  parent: HTMLElement,
  events: HeadGridEvents,
  signal: AbortSignal,
): (props: HeadGridProps) => void {
  const root = make("div", "aw-root aw-head-grid", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const body = make("div", "aw-body");
  root.append(body);
  const status = statusView(root, signal);
  const { change } = events;

  let props: HeadGridProps | null = null;
  let announced = "";
  const marksOf = marksCache();
  const marks = () => (props?.atlas ? marksOf(props, props.atlas) : null);

  const controls = gridControls(body, events, () => painting.grid.size(), signal);
  const setMotifs = motifControls(body, change, signal);
  const setPrompt = promptEditor(body, (prompt) => change({ prompt }), signal);
  const stage = make("div", "aw-stage");
  const empty = make("div", "aw-empty", {}, "Waiting for the first patterns\u2026");
  body.append(stage, empty);
  const setWaiting = waitingMark(stage, signal);
  const pointing = gridPointing(
    {
      props: () => props,
      marks,
      columns: () => painting.grid.columns(),
      across: () => painting.grid.across(),
    },
    events,
    controls.resize,
    () => draw(),
  );
  const painting = gridPainting(stage, pointing, theme, signal);

  const saved = () => {
    if (!props?.atlas) return null;
    const motifs = motifsFor(props.motifs, props.atlas);
    const title = `${events.model()} ${props.atlas.nLayers} layers x ${props.atlas.nHeads} heads`;
    const name = title.trim().replace(/[^\w.-]+/g, "-");
    return { stage, saved: { name, title: title.trim(), table: () => tableOf(motifs) } };
  };
  saveMenu(controls.bar, saved, signal);

  function draw(): void {
    const shown = marks();
    if (!props?.atlas || !shown) return;
    painting.update(props, props.atlas, shown);
    controls.sized(props.size === 0);
  }
  const follow = eachFrame(draw, signal);

  function refresh(): void {
    if (!props) return;
    const { atlas } = props;
    controls.update(props);
    setPrompt(props);
    status.update(props);
    stage.hidden = atlas === null;
    setWaiting(props.waiting);
    empty.hidden = atlas !== null || props.error !== "";
    const shown = marks();
    setMotifs({
      ...props,
      motifs: atlas && motifsFor(props.motifs, atlas),
      shown: atlas && shown ? undimmed(shown, atlas) : 0,
    });
    draw();
    const name = headName(props.layer, props.head);
    if (announced !== "" && announced !== name) status.announce(selectedText(props));
    announced = name;
  }

  return (next) => {
    const before = props;
    props = next;
    if (changedOnly(before, next, "hovered")) follow();
    else refresh();
  };
}
