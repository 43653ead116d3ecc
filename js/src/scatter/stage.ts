// The points on a stage: painted, zoomed, turned, pointed at, lassoed. Says what the pointer and keyboard ask for.

import { make, setAttributes, sizeCanvas, watchSize } from "../kit/dom.ts";
import { describeKeys } from "../kit/keyboard.ts";
import { memo } from "../kit/memo.ts";
import { atRest } from "../kit/rest.ts";
import { MOST_ZOOM, panZoom } from "./pan_zoom.ts";
import { START, turned } from "./rotation.ts";
import { centered, reachOf, type Screen } from "./screen.ts";
import { cloudOf, nothingYet, type StageProps } from "./stage_now.ts";
import { stagePainter } from "./stage_paint.ts";
import { answerWhere, type StagePointerEvents, stagePointer } from "./stage_pointer.ts";

export interface StageEvents extends StagePointerEvents {
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

  const now = nothingYet();
  const reached = memo(reachOf);
  const { paint, remark, ...painter } = stagePainter(
    now,
    { canvas, overlay, spare },
    events.failed,
    signal,
  );
  const pointer = stagePointer(element, now, events, { turn, lassoed: remark }, signal);
  const zoomed = panZoom(
    element,
    element,
    pointer.taken,
    ({ k, x, y }) => {
      view({ ...now.screen, k, x, y });
      pointer.lost();
    },
    signal,
  );
  answerWhere(canvas, now, signal);

  let size = "";
  function place(): void {
    const width = Math.max(160, element.clientWidth);
    const height = Math.max(160, element.clientHeight);
    const measured = `${width} ${height} ${globalThis.devicePixelRatio}`;
    if (measured === size) return;
    size = measured;
    now.screen = { ...now.screen, width, height };
    sizeCanvas(overlay, width, height);
    painter.resize(width, height);
    zoomed.resize(width, height);
  }

  function view(next: Screen): void {
    now.screen = next;
    painter.view(next);
    remark();
  }

  const turnRested = atRest(() => {
    now.turning = false;
    paint();
  }, signal);

  function turn(yaw: number, pitch: number): void {
    now.rotation = turned(now.rotation, yaw, pitch);
    now.turning = true;
    turnRested();
    paint();
  }

  watchSize(
    element,
    () => {
      place();
      paint();
      remark();
    },
    signal,
  );

  let opened = false;
  return {
    element,
    update(next) {
      // What was enlarged of other axes means nothing on these.
      if (now.props && now.props.atRest !== next.atRest) zoomed.to({ k: 1, x: 0, y: 0 }, false);
      now.props = next;
      now.marks = next.marks;
      if (!opened) {
        opened = true;
        painter.open();
      }
      place();
      const reach = reached(next.atRest);
      const ruled = next.ruled !== null;
      if (reach !== now.screen.reach || ruled !== (now.screen.ruled === true)) {
        view({ ...now.screen, reach, ruled });
      }
      setAttributes(element, { "aria-label": next.label });
      element.classList.toggle("aw-lassoing", next.lassoing);
      element.classList.toggle("aw-solid", next.axes.length === 3);
      paint();
      remark();
    },
    mark(next) {
      now.marks = next;
      remark();
    },
    show(point) {
      const { props, screen } = now;
      if (!props) return;
      const cloud = cloudOf(now, props);
      const k = Math.min(MOST_ZOOM, Math.max(screen.k, 3));
      zoomed.to(centered(screen, cloud.x[point], cloud.y[point], k), true);
    },
    zoomBy: zoomed.by,
    turn,
    fit() {
      now.rotation = START;
      paint();
      zoomed.fit();
    },
    width: () => now.screen.width,
    height: () => now.screen.height,
  };
}
