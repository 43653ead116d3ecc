// Pointer and keys over the stage -> the point under it, clicks, lassos and turns.
import { listen } from "../kit/dom.ts";
import { eachMove } from "../kit/frames.ts";
import { gestures } from "./gestures.ts";
import { pointAt, pointsWithin, type Spot, scaling, toScreen } from "./screen.ts";
import { baseSize, zoomedSize } from "./sizing.ts";
import { cloudOf, type StageNow, unzoomed } from "./stage_now.ts";

export interface StagePointerEvents {
  /** A point and where it is on the stage; null: none. */
  hover(point: number | null, spot: Spot): void;
  click(point: number | null, more: boolean): void;
  lasso(points: number[], more: boolean): void;
  key(event: KeyboardEvent): void;
}

export interface StagePointer {
  /** The points moved under the pointer: it points at none until it moves. */
  lost(): void;
  /** Whether the drag under way belongs to a lasso or to turning. */
  taken(): boolean;
}

/** In radians a pixel. */
const TURN = 0.008;

export function stagePointer(
  element: HTMLElement,
  now: StageNow,
  events: StagePointerEvents,
  moves: { turn(yaw: number, pitch: number): void; lassoed(): void },
  signal: AbortSignal,
): StagePointer {
  const under = (spot: Spot): number | null => {
    const { props, screen } = now;
    if (!props) return null;
    const size = zoomedSize(baseSize(props.hidden.length), scaling(screen) / unzoomed(now));
    const found = pointAt(cloudOf(now, props), screen, spot, Math.max(6, size / 2 + 4));
    return found < 0 ? null : found;
  };
  let pointer: Spot | null = null;
  const follow = eachMove(() => {
    const found = pointer && under(pointer);
    element.classList.toggle("aw-on-point", found !== null);
    events.hover(found, pointer ?? [0, 0]);
  }, signal);
  const point = (spot: Spot | null) => {
    pointer = spot;
    follow();
  };

  const taken = gestures(
    element,
    {
      wants(event) {
        if (now.props?.lassoing || event.shiftKey) return "lasso";
        return now.props?.axes.length === 3 ? "turn" : "";
      },
      point,
      click: (spot, more) => events.click(under(spot), more),
      line(line) {
        now.lasso = line;
        moves.lassoed();
      },
      enclose(line, more) {
        const { props, screen } = now;
        if (props) events.lasso(pointsWithin(cloudOf(now, props), screen, line), more);
      },
      turn: (dx, dy) => moves.turn(dx * TURN, dy * TURN),
    },
    signal,
  );
  listen(element, "keydown", (event) => events.key(event), signal);
  return { taken, lost: () => point(null) };
}

/** Where a point is, for those who cannot see it: asked and answered on the canvas. */
export function answerWhere(canvas: HTMLCanvasElement, now: StageNow, signal: AbortSignal): void {
  canvas.addEventListener(
    "aw-locate",
    (event) => {
      const index = (event as CustomEvent<{ index: number }>).detail?.index ?? -1;
      const cloud = now.props && cloudOf(now, now.props);
      const here = cloud && index >= 0 && index < cloud.x.length && !cloud.hidden[index];
      canvas.dataset.located = here
        ? toScreen(now.screen, cloud.x[index], cloud.y[index])
            .map((side) => side.toFixed(2))
            .join()
        : "";
    },
    { signal },
  );
}
