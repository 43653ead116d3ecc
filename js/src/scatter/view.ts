// A map of heads with everything around it: controls, search, legend, hover tip, gallery.
import { later, make } from "../kit/dom.ts";
import { actionOf } from "../kit/keyboard.ts";
import { stepHead, stepLayer } from "../kit/selection.ts";
import { statusView } from "../kit/status.ts";
import { followTheme } from "../kit/theme.ts";
import { galleryView } from "./gallery.ts";
import { type HeadMap, headAt, headOf, type Place, pointOf, promptOf, sizeOf } from "./head_map.ts";
import { hoverTip } from "./hover_tip.ts";
import { scatterLegend } from "./legend.ts";
import { gathered, sameNames, toggled } from "./picking.ts";
import { galleryOf, pictureOf } from "./pictures.ts";
import type { HeadScatterEvents, HeadScatterProps, ScatterChoices } from "./props.ts";
import { marksOf, scatterScene } from "./scene.ts";
import type { Spot } from "./screen.ts";
import { searchBox } from "./search_box.ts";
import { stageView } from "./stage.ts";
import { toolbar } from "./toolbar.ts";

/** The pointer rests this long on a point before its pattern is asked for. In ms. */
const ASK_AFTER = 90;

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
  let broken = "";
  /** The point under the pointer and where it is. */
  let pointed: { point: number; spot: Spot } | null = null;
  /** A head that is pointed at outside the plot. */
  let named: string | null = null;
  /** The prompt of the point that was clicked last. */
  let prompt = 0;
  let announced = "";

  const field = make("div", "aw-scatter-field");
  const frame = make("div", "aw-scatter-frame");
  const bar = toolbar(
    body,
    frame,
    {
      colorBy: (name) => events.change({ color_by: name, hidden: [] }),
      sizeBy: (name) => events.change({ size_by: name }),
      palette: (palette) => events.change({ palette }),
      view: (components) =>
        events.change(components ? { components, view3d: false } : { view3d: true }),
      neighbours: (count) => events.change({ show_neighbours: count }),
      lasso(on) {
        lassoing = on;
        refresh();
      },
      zoom: (factor) => stage.zoomBy(factor),
      fit: () => stage.fit(),
    },
    signal,
  );
  const setNames = searchBox(
    bar.element,
    {
      choose(name, more) {
        if (!props?.map) return;
        const head = props.map.indices.get(name) ?? -1;
        if (head < 0) return;
        select(head, more);
        stage.show(pointOf(props.map, head, prompt));
        stage.element.focus({ preventScroll: true });
      },
      point: (name) => pointAtName(name),
    },
    signal,
  );

  body.append(field);
  field.append(frame);
  const stage = stageView(
    frame,
    {
      hover(point, spot) {
        pointed = point === null ? null : { point, spot };
        const name = nameOf(point);
        if (props && name !== props.hovered) events.change({ hovered: name });
        drawPointed();
      },
      click(point, more) {
        if (point === null || !props?.map) return;
        prompt = promptOf(props.map, point);
        select(headOf(props.map, point), more);
      },
      lasso(points, more) {
        const { map, selection } = props ?? {};
        if (!map || !selection) return;
        const names = gathered(
          selection,
          points.map((point) => map.names[headOf(map, point)]),
          more,
        );
        if (!sameNames(names, selection)) events.change({ selection: names });
        status.announce(`${names.length} heads selected`);
      },
      key: onKey,
      failed(reason) {
        broken = reason;
        refresh();
      },
    },
    signal,
  );
  const message = make("div", "aw-scatter-message", { role: "alert", hidden: true });
  frame.append(message);
  const tip = hoverTip(frame);
  const setLegend = scatterLegend(field, { hide: (hidden) => events.change({ hidden }) }, signal);
  const setGallery = galleryView(
    body,
    {
      choose: (name) => props?.map && goTo(props.map.indices.get(name) ?? -1),
      point: (name) => pointAtName(name),
      clear: () => events.change({ selection: [] }),
    },
    signal,
  );
  const empty = make("div", "aw-empty", {}, "Waiting for the map of heads\u2026");
  body.append(empty);

  function nameOf(point: number | null): string | null {
    return point === null || !props?.map ? null : props.map.names[headOf(props.map, point)];
  }

  function currentPlace(): Place {
    return { layer: props?.layer ?? 0, head: props?.head ?? 0, model: props?.model_name ?? "" };
  }

  function goTo(head: number, changes: Partial<ScatterChoices> = {}): void {
    if (!props?.map || head < 0) return;
    const { layer, head: number, model } = props.map.places[head];
    events.change({ layer, head: number, model_name: model, ...changes });
  }

  function select(head: number, more: boolean): void {
    if (!props?.map) return;
    const name = props.map.names[head];
    if (more) events.change({ selection: toggled(props.selection, name) });
    else goTo(head, { selection: [name] });
  }

  function pointAtName(name: string | null): void {
    if (name === named) return;
    named = name;
    if (props && props.hovered !== name) events.change({ hovered: name });
    drawPointed();
  }

  function onKey(event: KeyboardEvent): void {
    const action = actionOf(event);
    if (!action || !props?.map) return;
    const { map, selection } = props;
    const at = currentPlace();
    const { nLayers, nHeads } = sizeOf(map, at);
    const step = (to: { layer: number; head: number }) => {
      const head = headAt(map, { ...at, ...to });
      if (head >= 0 && head !== headAt(map, at)) select(head, false);
    };
    if (action.do === "head") step(stepHead(at, action.by, nLayers, nHeads));
    else if (action.do === "layer") step(stepLayer(at, action.by, nLayers));
    else if (action.do === "move") stage.turn(action.right * 0.15, action.down * 0.15);
    else if (action.do === "zoom") stage.zoomBy(action.by);
    else if (action.do === "fit") stage.fit();
    else if (action.do === "lock") {
      const head = headAt(map, at);
      if (head >= 0) select(head, true);
    } else if (selection.length > 0) events.change({ selection: [] });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const scene = scatterScene();
  const marks = (map: HeadMap, now: HeadScatterProps, hidden: Uint8Array) =>
    marksOf(
      map,
      now,
      {
        head: headAt(map, currentPlace()),
        prompt,
        point: pointed?.point ?? null,
        outside: pointed ? null : (named ?? now.hovered),
      },
      hidden,
    );

  const wait = later(signal);

  function drawPointed(): void {
    if (!props?.map) return;
    const { map } = props;
    if (pointed && pointed.point >= map.info.n) pointed = null;
    const { codes, colors, hidden } = scene.coloring(map, props, theme());
    stage.mark(marks(map, props, hidden));
    wait.stop();
    if (!pointed) {
      tip(null);
      return;
    }
    const { point, spot } = pointed;
    const { picture, exact } = pictureOf(map, props.pictures, point);
    if (!exact && props.editable) wait.start(() => events.ask(point), ASK_AFTER);
    tip({
      map,
      point,
      spot,
      width: stage.width(),
      height: stage.height(),
      colorBy: props.color_by,
      color: colors[codes[point]],
      picture,
      ink: scene.ink(props, theme()),
    });
  }

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
    const head = headAt(map, currentPlace());
    const name = map.names[head] ?? "";
    if (prompt * map.names.length >= map.info.n) prompt = 0;
    setNames(map.names);
    const points = scene.coloring(map, props, theme());
    bar.update({
      map,
      title: name,
      colorBy: props.color_by,
      sizeBy: props.size_by,
      palette: props.palette,
      ramped: points.legend?.type === "bar",
      components: props.components,
      view3d: props.view3d,
      showNeighbours: props.show_neighbours,
      lassoing,
    });
    message.hidden = broken === "";
    message.textContent = broken;
    setLegend(points.legend, props.hidden);
    stage.update({
      axes: scene.axes(map, props),
      codes: points.codes,
      colors: points.colors,
      hidden: points.hidden,
      sizes: scene.sizes(map, props),
      selected: scene.selected(map, props, name),
      marks: marks(map, props, points.hidden),
      lassoing,
      theme: theme(),
      label: `Map of ${map.names.length} heads${name && `; ${name} selected`}`,
    });
    const gallery = galleryOf(map, props.pictures, props.selection);
    setGallery(gallery && { ...gallery, current: name, ink: scene.ink(props, theme()) });
    drawPointed();
    if (announced !== "" && announced !== name) status.announce(`${name} selected`);
    announced = name;
  }

  return (next) => {
    props = next;
    refresh();
  };
}
