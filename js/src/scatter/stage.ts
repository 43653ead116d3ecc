// The points on a stage: painted, zoomed, turned, pointed at, lassoed. Says what the pointer and keyboard ask for.
import {
  context2d,
  eachFrame,
  listen,
  make,
  setAttributes,
  sizeCanvas,
  watchSize,
} from "../kit/dom.ts";
import { describeKeys } from "../kit/keyboard.ts";
import { memo } from "../kit/memo.ts";
import { atRest } from "../kit/rest.ts";
import { cloudMaker, type PointsShown } from "./cloud.ts";
import type { Painted } from "./drawing_order.ts";
import { gestures } from "./gestures.ts";
import { glide } from "./glide.ts";
import { drawMarks, type Marks } from "./marks.ts";
import { MOST_ZOOM, panZoom } from "./pan_zoom.ts";
import { type PointStyle, type PointsPlot, pointsPlot } from "./points_plot.ts";
import { ringStamps } from "./ring_stamps.ts";
import { type Rotation, START, turned } from "./rotation.ts";
import {
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
import { baseSize, zoomedSize } from "./sizing.ts";

export interface StageProps extends PointsShown {
  readonly marks: Omit<Marks, "lasso" | "rotation">;
  readonly lassoing: boolean;
  readonly label: string;
}

export interface StageEvents {
  /** A point and where it is on the stage; null: none. */
  hover(point: number | null, spot: Spot): void;
  click(point: number | null, more: boolean): void;
  lasso(points: number[], more: boolean): void;
  key(event: KeyboardEvent): void;
  /** What keeps the points from being drawn; "": nothing any more. */
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
/** The buttons in the corner are this high, in pixels. */
const TOOLS = 34;
/** In radians a pixel. */
const TURN = 0.008;

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
  describeKeys(element, {
    head: "previous or next head",
    layer: "layer above or below",
    move: "turn a map of three dimensions",
    lock: "select the head or leave it out",
    unlock: "select none",
    zoom: "zoom",
    fit: "show all",
  });

  let props: StageProps | null = null;
  let marks: StageProps["marks"] | null = null;
  let screen: Screen = { width: 0, height: 0, k: 1, x: 0, y: 0, reach: [1, 1], top: TOOLS };
  let rotation: Rotation = START;
  let turning = false;
  let lasso: readonly Spot[] = [];
  let broken = false;
  let said = "";
  let plot: PointsPlot | null = null;

  const maker = cloudMaker();
  const reached = memo(reachOf);
  const ratio = () => overlay.width / (screen.width || 1);
  const stamps = ringStamps(ratio);
  const cloudOf = (now: StageProps) => maker.cloud(now, rotation);
  const unzoomed = () => scaling({ ...screen, k: 1 });
  let styled: PointStyle | null = null;
  let drawn: { points: Painted; places: readonly number[] } | null = null;
  let size = "";

  function radius(point: number): number {
    if (!props) return 0;
    const size = maker.size(props, cloudOf(props), point, unzoomed());
    return zoomedSize(size, scaling(screen)) / 2;
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
    const style = maker.style(props, unzoomed());
    if (style !== styled) plot.style(style);
    styled = style;
    const points = maker.painted(props, cloudOf(props), turning);
    const places = maker.places(props, points);
    if (points === drawn?.points && places === drawn.places) return;
    drawn = { points, places };
    setAttributes(canvas, { "data-ready": null });
    plot.draw(points, places);
  }, signal);

  function paintMarks(): void {
    if (!props || !marks || broken) return;
    const context = context2d(overlay);
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    const solidly = props.axes.length === 3;
    const all = { ...marks, lasso, rotation: solidly ? rotation : null };
    drawMarks(context, cloudOf(props), screen, all, radius, stamps, props.theme);
  }
  const remark = eachFrame(paintMarks, signal);
  const gliding = glide(canvas, (asked) => plot?.view(cameraMatrix(asked)), signal);

  function view(next: Screen): void {
    screen = next;
    gliding.view(screen);
    remark();
  }

  function open(): void {
    try {
      plot = pointsPlot(
        canvas,
        spare,
        {
          painted() {
            gliding.painted();
            paintMarks();
          },
          drawn() {
            tell("");
            setAttributes(canvas, {
              "data-ready": "true",
              "data-points": props?.hidden.length ?? 0,
              "data-visible": props ? props.hidden.length - sum(props.hidden) : 0,
            });
          },
          failed: (error) => tell(`The points could not be drawn: ${told(error)}`),
          lost: () => fail(told(LOST)),
        },
        signal,
      );
    } catch (error) {
      const reason = told(error);
      fail(hasWebgl() ? `The plot could not be made: ${reason}` : NO_WEBGL);
    }
  }

  function tell(reason: string): void {
    if (reason === said) return;
    said = reason;
    events.failed(reason);
  }

  function fail(reason: string): void {
    plot = null;
    broken = true;
    canvas.hidden = true;
    overlay.hidden = true;
    tell(reason);
  }

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

  const taken = gestures(
    element,
    {
      wants(event) {
        if (props?.lassoing || event.shiftKey) return "lasso";
        return props?.axes.length === 3 ? "turn" : "";
      },
      point,
      click(spot, more) {
        const found = under(spot);
        events.click(found < 0 ? null : found, more);
      },
      line(line) {
        lasso = line;
        remark();
      },
      enclose: (line, more) =>
        props && events.lasso(pointsWithin(cloudOf(props), screen, line), more),
      turn: (dx, dy) => turn(dx * TURN, dy * TURN),
    },
    signal,
  );
  const zoomed = panZoom(
    element,
    element,
    taken,
    ({ k, x, y }) => {
      view({ ...screen, k, x, y });
      point(null);
    },
    signal,
  );
  listen(element, "keydown", (event) => events.key(event), signal);

  const turnRested = atRest(() => {
    turning = false;
    paint();
  }, signal);

  function turn(yaw: number, pitch: number): void {
    rotation = turned(rotation, yaw, pitch);
    turning = true;
    turnRested();
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
      // What was enlarged of other axes means nothing on these.
      if (props && props.axes !== next.axes) zoomed.to({ k: 1, x: 0, y: 0 }, false);
      props = next;
      marks = next.marks;
      if (!opened) {
        opened = true;
        open();
      }
      place();
      const reach = reached(next.axes);
      if (reach !== screen.reach) view({ ...screen, reach });
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

/** An error is logged whole, and shown in its own words. */
function told(error: unknown): string {
  console.error(error);
  return error instanceof Error ? error.message : String(error);
}

function hasWebgl(): boolean {
  const context = make("canvas", "").getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

function sum(flags: Uint8Array): number {
  let total = 0;
  for (const flag of flags) total += flag;
  return total;
}
