// Zoom and pan of an element -> a transform. Scrolling the page stays possible: the wheel zooms with Ctrl or
// Cmd, or once the plot has focus; dragging pans only what is zoomed.
import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from "d3-zoom";

export interface Zoom {
  view(): ZoomTransform;
  /** The area's size and how far it can be enlarged; `grown`: keep the view, its unit changed by this much. */
  resize(width: number, height: number, most: number, grown: number | null): void;
  by(factor: number, pivot: [number, number]): void;
  fit(): void;
  /** This place, in lengths of what is not enlarged, in the middle of a picture enlarged so much. */
  show(x: number, y: number, scale: number): void;
}

export function zoomable(
  area: HTMLElement,
  focusable: HTMLElement,
  changed: () => void,
  signal: AbortSignal,
): Zoom {
  let view: ZoomTransform = zoomIdentity;
  const target = select<HTMLElement, unknown>(area);
  const behavior = zoom<HTMLElement, unknown>()
    .filter((event: Event) => {
      if (event instanceof WheelEvent) {
        return event.ctrlKey || event.metaKey || focusable.matches(":focus");
      }
      if ("touches" in event) return (event as TouchEvent).touches.length > 1 || view.k > 1;
      return view.k > 1 && (event as MouseEvent).button === 0;
    })
    .clickDistance(4)
    .on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => {
      view = event.transform;
      area.classList.toggle("aw-zoomed", view.k > 1);
      changed();
    });
  target.call(behavior).on("dblclick.zoom", null);
  signal.addEventListener("abort", () => target.on(".zoom", null), { once: true });
  return {
    view: () => view,
    resize(width, height, most, grown) {
      const whole: [[number, number], [number, number]] = [
        [0, 0],
        [width, height],
      ];
      behavior
        .extent(whole)
        .translateExtent(whole)
        .scaleExtent([1, Math.max(1, most)]);
      const kept = zoomIdentity.translate(view.x * (grown ?? 0), view.y * (grown ?? 0));
      behavior.transform(target, grown === null ? zoomIdentity : kept.scale(view.k));
    },
    by: (factor, pivot) => behavior.scaleBy(target, factor, pivot),
    fit: () => behavior.transform(target, zoomIdentity),
    show(x, y, scale) {
      behavior.scaleTo(target, scale);
      behavior.translateTo(target, x, y);
    },
  };
}
