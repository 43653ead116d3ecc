// Pointer events on a plot -> pointing, clicks, lassos and turns. A drag that is neither is left to the zoom.
import { listen } from "../kit/dom.ts";
import type { Spot } from "./screen.ts";

export type Gesture = "" | "lasso" | "turn";

export interface GestureEvents {
  /** What a drag that begins with this event is for. */
  wants(event: PointerEvent): Gesture;
  /** Where the pointer rests; null: nowhere, or it is busy with a drag. */
  point(spot: Spot | null): void;
  /** `more`: added to what is selected. */
  click(spot: Spot, more: boolean): void;
  /** The lasso so far; empty once it is over. */
  line(line: readonly Spot[]): void;
  enclose(line: readonly Spot[], more: boolean): void;
  /** To the right and down, in pixels since the last call. */
  turn(dx: number, dy: number): void;
}

/** Less than this is a click. */
const LEAST_DRAG = 4;
const LEAST_STEP = 3;

/** Returns whether the drag under way belongs to a lasso or to turning. */
export function gestures(
  element: HTMLElement,
  events: GestureEvents,
  signal: AbortSignal,
): () => boolean {
  let gesture: Gesture = "";
  let pressed: { x: number; y: number; pointer: number } | null = null;
  let moved = false;
  let line: Spot[] = [];

  const spotOf = (event: MouseEvent): Spot => {
    const box = element.getBoundingClientRect();
    return [
      event.clientX - box.left - element.clientLeft,
      event.clientY - box.top - element.clientTop,
    ];
  };

  listen(
    element,
    "pointerdown",
    (event) => {
      if (event.button !== 0 || pressed) return;
      pressed = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
      moved = false;
      gesture = events.wants(event);
      line = gesture === "lasso" ? [spotOf(event)] : [];
      if (gesture) element.setPointerCapture(event.pointerId);
      element.classList.add("aw-pressed");
    },
    signal,
    { capture: true }, // before the zoom hears of it
  );
  listen(
    element,
    "pointermove",
    (event) => {
      if (!pressed) events.point(spotOf(event));
      if (pressed?.pointer !== event.pointerId) return;
      const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
      if (!moved && Math.hypot(dx, dy) < LEAST_DRAG) return;
      if (!moved) events.point(null);
      moved = true;
      if (gesture === "lasso") {
        const [x, y] = line[line.length - 1];
        const spot = spotOf(event);
        if (Math.hypot(spot[0] - x, spot[1] - y) >= LEAST_STEP) line.push(spot);
        events.line(line);
      } else if (gesture === "turn") {
        events.turn(dx, dy);
        pressed = { ...pressed, x: event.clientX, y: event.clientY };
      }
    },
    signal,
  );

  function release(event: PointerEvent, whole: boolean): void {
    if (pressed?.pointer !== event.pointerId) return;
    const [did, drawn, more] = [gesture, line, event.ctrlKey || event.metaKey];
    pressed = null;
    gesture = "";
    line = [];
    element.classList.remove("aw-pressed");
    if (did === "lasso") events.line(line);
    if (!whole) return;
    if (!moved) events.click(spotOf(event), more);
    else if (did === "lasso") events.enclose(drawn, more);
  }
  // A drag may end anywhere.
  listen(window, "pointerup", (event) => release(event, true), signal);
  listen(window, "pointercancel", (event) => release(event, false), signal);
  listen(element, "pointerleave", () => pressed || events.point(null), signal);

  return () => gesture !== "";
}
