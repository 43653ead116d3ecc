// A map of heads with everything around it: controls, search, legend, hover tip, gallery.
import { changedOnly } from "../kit/changed.ts";
import { make } from "../kit/dom.ts";
import { eachFrame } from "../kit/frames.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { scatterControls } from "./controls.ts";
import { courseBar } from "./course_bar.ts";
import { galleryView } from "./gallery.ts";
import { headAt } from "./head_map.ts";
import { scatterLegend } from "./legend.ts";
import { galleryOf } from "./pictures.ts";
import { pointedView } from "./pointed.ts";
import { scatterPointing } from "./pointing.ts";
import type { HeadScatterEvents, HeadScatterProps } from "./props.ts";
import { scatterScene } from "./scene.ts";
import { stageView } from "./stage.ts";

export function headScatterView(
  parent: HTMLElement,
  events: HeadScatterEvents,
  signal: AbortSignal,
): (props: HeadScatterProps) => void {
  const root = make("div", "aw-root aw-head-scatter", { "data-lm-suppress-shortcuts": "true" });
  parent.append(root);
  const theme = followTheme(root, () => refresh(), signal);
  const status = statusView(root, signal);
  const body = make("div", "aw-scatter-body");
  root.prepend(body);

  let props: HeadScatterProps | null = null;
  let lassoing = false;
  let filtering = false;
  let broken = "";
  let announced = "";
  const scene = scatterScene();

  const field = make("div", "aw-scatter-field");
  const frame = make("div", "aw-scatter-frame");
  const pointing = scatterPointing(
    () => props,
    events,
    () => stage,
    { moved: () => pointed.update(props), announce: status.announce },
  );
  const setControls = scatterControls(
    body,
    frame,
    () => props,
    pointing,
    () => stage,
    events,
    {
      lasso(on) {
        lassoing = on;
        refresh();
      },
      filters() {
        filtering = !filtering;
        refresh();
      },
    },
    signal,
  );
  body.append(field);
  field.append(frame);
  const stage = stageView(
    frame,
    {
      ...pointing,
      failed(reason) {
        broken = reason;
        refresh();
      },
    },
    signal,
  );
  const message = make("div", "aw-scatter-message", { role: "alert", hidden: true });
  frame.append(message);
  const pointed = pointedView(frame, pointing, stage, scene, events.ask, theme, signal);
  let sent: number | null = null;
  /** While the training is played: where it is, whatever Python has heard. */
  let moving: { checkpoint: number | null } | null = null;
  const setCourse = courseBar(
    field,
    {
      move(checkpoint, rests) {
        if (!props) return;
        // Python hears of the checkpoints, not of all that is between them
        const whole = checkpoint === null ? null : Math.floor(checkpoint);
        if (rests) events.change({ checkpoint });
        else if (whole !== sent) events.change({ checkpoint: whole });
        sent = whole;
        moving = rests ? null : { checkpoint };
        props = { ...props, checkpoint };
        refresh();
      },
    },
    signal,
  );
  const setLegend = scatterLegend(field, { hide: (hidden) => events.change({ hidden }) }, signal);
  const setGallery = galleryView(
    body,
    {
      choose: (name) => pointing.goTo(props?.map?.indices.get(name) ?? -1),
      point: pointing.hoverName,
      clear: () => events.change({ selection: [] }),
    },
    signal,
  );
  const empty = make("div", "aw-empty", {}, "Waiting for the map of heads\u2026");
  body.append(empty);

  function refresh(): void {
    if (!props) return;
    const { map } = props;
    status.update({ ...props, notice: "" });
    empty.hidden = map !== null || props.error !== "";
    field.hidden = map === null;
    if (!map) {
      setGallery(null);
      return;
    }
    pointing.within(map.info.n, map.names.length);
    const name = map.names[headAt(map, pointing.place())] ?? "";
    const points = scene.coloring(map, props, theme());
    const placing = scene.placing(map, props);
    setControls({
      map,
      title: name,
      colorBy: props.color_by,
      sizeBy: props.size_by,
      x: props.x,
      y: props.y,
      chosen: props.filters,
      through: scene.filtered(map, props),
      missing: placing.missing,
      ruled: placing.ruled,
      filtering,
      palette: props.palette,
      ramped: points.legend?.type === "bar",
      components: props.components,
      view3d: props.view3d,
      showNeighbours: props.show_neighbours,
      lassoing,
    });
    const across = placing.ruled && `, ${placing.ruled[1].label} against ${placing.ruled[0].label}`;
    message.hidden = broken === "";
    message.textContent = broken;
    setCourse({ names: map.info.course ?? [], checkpoint: props.checkpoint });
    setLegend(points.legend, props.hidden);
    stage.update({
      axes: scene.moment(map, props)?.axes ?? placing.axes,
      atRest: placing.axes,
      ruled: placing.ruled,
      codes: points.codes,
      colors: points.colors,
      hidden: scene.hidden(map, props, theme()),
      sizes: scene.sizes(map, props),
      selected: scene.selected(map, props, name),
      marks: pointed.marks(map, props),
      lassoing,
      theme: theme(),
      label: `Map of ${map.names.length} heads${across ?? ""}${name && `; ${name} selected`}`,
    });
    const gallery = galleryOf(map, props.pictures, props.selection);
    setGallery(gallery && { ...gallery, current: name, ink: scene.ink(props, theme()) });
    pointed.update(props);
    if (announced !== "" && announced !== name) status.announce(`${name} selected`);
    announced = name;
  }

  const follow = eachFrame(() => pointed.update(props), signal);
  return (next) => {
    const before = props;
    props = { ...next, ...moving };
    if (changedOnly(before, props, "hovered")) follow();
    else refresh();
  };
}
