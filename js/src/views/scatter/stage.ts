// The points on a stage: painted, zoomed, turned, pointed at, lassoed. Says what the pointer and keyboard ask for.
import {
  context2d,
  eachFrame,
  listen,
  make,
  setAttributes,
  sizeCanvas,
  watchSize,
} from "../dom.ts";
import type { Theme } from "../theme.ts";
import { hex } from "./coloring.ts";
import { drawingOrder, type Painted, painted } from "./drawing_order.ts";
import { drawMarks, type Marks } from "./marks.ts";
import { memo } from "./memo.ts";
import { MOST_ZOOM, panZoom } from "./pan_zoom.ts";
import { type PointStyle, type PointsPlot, pointsPlot } from "./points_plot.ts";
import { project, type Rotation, START, turned } from "./rotation.ts";
import {
  type Cloud,
  cameraMatrix,
  centered,
  pointAt,
  pointsWithin,
  reachOf,
  type Screen,
  type Spot,
  scaling,
  toScreen,
} from "./screen.ts";
import { baseSize, encodings, STEPS, zoomedSize } from "./sizing.ts";

export interface StageProps {
  /** Two components, or three that are turned. */
  readonly axes: readonly Float32Array[];
  readonly codes: Uint16Array;
  readonly colors: readonly string[];
  readonly hidden: Uint8Array;
  readonly sizes: Uint8Array | null;
  readonly selected: ReadonlySet<number>;
  readonly marks: Omit<Marks, "lasso" | "rotation">;
  readonly lassoing: boolean;
  readonly theme: Theme;
  readonly label: string;
}

export interface StageEvents {
  /** A point and where it is on the stage; null: none. */
  hover(point: number | null, spot: Spot): void;
  click(point: number | null, more: boolean): void;
  lasso(points: number[], more: boolean): void;
  key(event: KeyboardEvent): void;
  /** Nothing can be drawn, and why. */
  failed(reason: string): void;
}

export interface Stage {
  readonly element: HTMLElement;
  update(props: StageProps): void;
  mark(marks: StageProps["marks"]): void;
  show(point: number): void;
  zoomBy(factor: number): void;
  turn(yaw: number, pitch: number): void;
  fit(): void;
  width(): number;
  height(): number;
}

const NO_WEBGL =
  "This browser offers no WebGL, which the plot needs. Search, colours and the selection work without it.";
const LOST =
  "The browser took WebGL away from this plot, as it does when many plots are open. Show the widget again to draw it.";
const LEAST_LASSO = 3;

export function stageView(parent: HTMLElement, events: StageEvents, signal: AbortSignal): Stage {
  const canvas = make("canvas", "aw-scatter-canvas", { "aria-hidden": "true" });
  const overlay = make("canvas", "aw-overlay", { "aria-hidden": "true" });
  const spare = make("div", "aw-scatter-spare", { hidden: true });
  const element = make(
    "div",
    "aw-scatter-stage",
    { tabindex: 0, role: "application", "aria-roledescription": "map of heads" },
    canvas,
    overlay,
    spare,
  );
  parent.append(element);

  let props: StageProps | null = null;
  let marks: StageProps["marks"] | null = null;
  let screen: Screen = { width: 0, height: 0, k: 1, x: 0, y: 0, reach: [1, 1] };
  let rotation: Rotation = START;
  let lasso: Spot[] = [];
  let broken = false;
  let plot: PointsPlot | null = null;

  const flat = memo(
    (x: Float32Array, y: Float32Array, hidden: Uint8Array): Cloud => ({ x, y, near: null, hidden }),
  );
  const solid = memo(
    (axes: readonly Float32Array[], hidden: Uint8Array, at: Rotation): Cloud => ({
      ...project(axes, at),
      hidden,
    }),
  );
  const reached = memo(reachOf);
  const cloudOf = ({ axes, hidden }: StageProps) =>
    axes.length === 3 ? solid(axes, hidden, rotation) : flat(axes[0], axes[1], hidden);
  const paintedOf = memo(
    (cloud: Cloud, codes: Uint16Array, none: number, sizes: Uint8Array | null): Painted =>
      painted(cloud, drawingOrder(cloud, codes, none), codes, sizes),
  );
  const placesOf = memo((order: Uint32Array, selected: ReadonlySet<number>): number[] => {
    if (selected.size === 0) return [];
    const places: number[] = [];
    for (let at = 0; at < order.length; at++) if (selected.has(order[at])) places.push(at);
    return places;
  });
  const encodingsOf = memo(encodings);
  const unzoomed = () => scaling({ ...screen, k: 1 });
  const encodingsNow = ({ hidden, sizes, axes }: StageProps) =>
    encodingsOf(hidden.length, sizes !== null, axes.length === 3, unzoomed());
  const styleOf = memo(
    (
      colors: readonly string[],
      { sizes, opacities }: ReturnType<typeof encodings>,
      background: string,
    ): PointStyle => ({ colors, sizes, opacities, background }),
  );
  let styled: PointStyle | null = null;
  let drawn: { points: Painted; places: readonly number[] } | null = null;
  let size = "";

  function radius(point: number): number {
    if (!props) return 0;
    const { sizes } = encodingsNow(props);
    const cloud = cloudOf(props);
    const depth = cloud.near ? Math.round(((cloud.near[point] + 1) / 2) * (STEPS - 1)) : STEPS - 1;
    return zoomedSize(sizes[(props.sizes?.[point] ?? 0) * STEPS + depth], scaling(screen)) / 2;
  }

  function place(): void {
    const width = Math.max(160, element.clientWidth);
    const height = Math.max(160, element.clientHeight);
    const now = `${width} ${height} ${globalThis.devicePixelRatio}`;
    if (now === size) return;
    size = now;
    screen = { ...screen, width, height };
    sizeCanvas(overlay, width, height);
    plot?.resize(width, height);
    zoomed.resize(width, height);
  }

  /** Colours, sizes and places of the points: as often as one of them changed, at most once a frame. */
  const paint = eachFrame(() => {
    if (!props || !plot) return;
    const { codes, colors, sizes, selected, theme } = props;
    const style = styleOf(
      colors,
      encodingsNow(props),
      hex(theme.background, theme.dark ? "#111419" : "#ffffff"),
    );
    if (style !== styled) plot.style(style);
    styled = style;
    const points = paintedOf(cloudOf(props), codes, colors.length - 1, sizes);
    const places = placesOf(points.order, selected);
    if (points === drawn?.points && places === drawn.places) return;
    drawn = { points, places };
    setAttributes(canvas, { "data-ready": "false" });
    plot.draw(points, places);
  }, signal);

  function paintMarks(): void {
    if (!props || !marks || broken) return;
    const context = context2d(overlay);
    const ratio = overlay.width / (screen.width || 1);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const solidly = props.axes.length === 3;
    const all = { ...marks, lasso, rotation: solidly ? rotation : null };
    drawMarks(context, cloudOf(props), screen, all, radius, props.theme);
  }
  const remark = eachFrame(paintMarks, signal);

  function open(): void {
    try {
      plot = pointsPlot(
        canvas,
        spare,
        {
          painted: paintMarks,
          drawn() {
            setAttributes(canvas, {
              "data-ready": "true",
              "data-points": props?.hidden.length ?? 0,
              "data-visible": props ? props.hidden.length - sum(props.hidden) : 0,
            });
          },
          lost: () => fail(LOST),
        },
        signal,
      );
    } catch {
      fail(NO_WEBGL);
    }
  }

  function fail(reason: string): void {
    plot = null;
    broken = true;
    canvas.hidden = true;
    overlay.hidden = true;
    events.failed(reason);
  }

  // The pointer: a lasso and turning take a drag for themselves, else it moves the zoomed picture.
  let gesture: "" | "lasso" | "turn" = "";
  let pressed: { x: number; y: number; pointer: number } | null = null;
  let moved = false;
  const wants = (event: Event): "" | "lasso" | "turn" => {
    if (!props) return "";
    if (props.lassoing || (event as MouseEvent).shiftKey) return "lasso";
    return props.axes.length === 3 ? "turn" : "";
  };
  const zoomed = panZoom(
    element,
    element,
    () => gesture !== "",
    ({ k, x, y }) => {
      screen = { ...screen, k, x, y };
      plot?.view(cameraMatrix(screen));
      point(null);
    },
    signal,
  );

  const spotOf = (event: MouseEvent): Spot => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const under = (spot: Spot): number => {
    if (!props) return -1;
    const size = zoomedSize(baseSize(props.hidden.length), scaling(screen) / unzoomed());
    return pointAt(cloudOf(props), screen, spot, Math.max(6, size / 2 + 4));
  };
  let pointer: Spot | null = null;
  const follow = eachFrame(() => {
    const found = pointer ? under(pointer) : -1;
    element.classList.toggle("aw-on-point", found >= 0);
    events.hover(found < 0 ? null : found, pointer ?? [0, 0]);
  }, signal);
  const point = (spot: Spot | null) => {
    pointer = spot;
    follow();
  };

  listen(
    element,
    "pointerdown",
    (event) => {
      if (event.button !== 0 || pressed) return;
      pressed = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
      moved = false;
      gesture = wants(event);
      lasso = gesture === "lasso" ? [spotOf(event)] : [];
      if (gesture) element.setPointerCapture(event.pointerId);
      element.classList.add("aw-pressed");
    },
    signal,
    { capture: true },
  );
  listen(
    element,
    "pointermove",
    (event) => {
      if (pressed?.pointer !== event.pointerId) {
        if (!pressed) point(spotOf(event));
        return;
      }
      const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
      if (!moved && Math.hypot(dx, dy) < 4) return;
      if (!moved) point(null);
      moved = true;
      if (gesture === "lasso") {
        const [x, y] = lasso[lasso.length - 1];
        const spot = spotOf(event);
        if (Math.hypot(spot[0] - x, spot[1] - y) >= LEAST_LASSO) lasso.push(spot);
        remark();
      } else if (gesture === "turn") {
        turn(dx * 0.008, dy * 0.008);
        pressed = { ...pressed, x: event.clientX, y: event.clientY };
      }
    },
    signal,
  );
  const release = (event: PointerEvent, whole: boolean) => {
    if (pressed?.pointer !== event.pointerId) return;
    const more = event.ctrlKey || event.metaKey;
    const [did, line] = [gesture, lasso];
    pressed = null;
    gesture = "";
    lasso = [];
    element.classList.remove("aw-pressed");
    if (did === "lasso") remark();
    if (!whole || !props) return;
    if (!moved) {
      const found = under(spotOf(event));
      events.click(found < 0 ? null : found, more);
    } else if (did === "lasso") events.lasso(pointsWithin(cloudOf(props), screen, line), more);
  };
  listen(element, "pointerup", (event) => release(event, true), signal);
  listen(element, "pointercancel", (event) => release(event, false), signal);
  listen(element, "pointerleave", () => pressed || point(null), signal);
  listen(element, "keydown", (event) => events.key(event), signal);

  function turn(yaw: number, pitch: number): void {
    rotation = turned(rotation, yaw, pitch);
    paint();
  }

  // Where a point is, for those who cannot see it: asked and answered on the canvas.
  canvas.addEventListener(
    "aw-locate",
    (event) => {
      const index = (event as CustomEvent<{ index: number }>).detail?.index ?? -1;
      const cloud = props && cloudOf(props);
      const here = cloud && index >= 0 && index < cloud.x.length && !cloud.hidden[index];
      canvas.dataset.located = here
        ? toScreen(screen, cloud.x[index], cloud.y[index])
            .map((side) => side.toFixed(2))
            .join()
        : "";
    },
    { signal },
  );

  let opened = false;
  watchSize(
    element,
    () => {
      place();
      paint();
      remark();
    },
    signal,
  );

  return {
    element,
    update(next) {
      props = next;
      marks = next.marks;
      if (!opened) {
        opened = true;
        open();
      }
      place();
      const reach = reached(next.axes);
      if (reach !== screen.reach) {
        screen = { ...screen, reach };
        plot?.view(cameraMatrix(screen));
      }
      setAttributes(element, { "aria-label": next.label });
      element.classList.toggle("aw-lassoing", next.lassoing);
      element.classList.toggle("aw-solid", next.axes.length === 3);
      paint();
      remark();
    },
    mark(next) {
      marks = next;
      remark();
    },
    show(point) {
      if (!props) return;
      const cloud = cloudOf(props);
      const k = Math.min(MOST_ZOOM, Math.max(screen.k, 3));
      zoomed.to(centered(screen, cloud.x[point], cloud.y[point], k), true);
    },
    zoomBy: zoomed.by,
    turn,
    fit() {
      rotation = START;
      paint();
      zoomed.fit();
    },
    width: () => screen.width,
    height: () => screen.height,
  };
}

function sum(flags: Uint8Array): number {
  let total = 0;
  for (const flag of flags) total += flag;
  return total;
}
