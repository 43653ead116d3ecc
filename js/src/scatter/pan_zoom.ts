// Wheel, drag and pinch on an element -> a zoom. The wheel zooms with Ctrl or Cmd, or once the plot has focus.
import { select } from "d3-selection";
import { type D3ZoomEvent, zoom, zoomIdentity, zoomTransform } from "d3-zoom";

export interface PanZoom {
  resize(width: number, height: number): void;
  by(factor: number): void;
  /** To this zoom: at once, or gently where the reader has nothing against motion. */
  to(view: { k: number; x: number; y: number }, gently: boolean): void;
  fit(): void;
}

export const MOST_ZOOM = 400;
const GENTLY = 260;

export function panZoom(
  area: HTMLElement,
  focusable: HTMLElement,
  /** A drag belongs to something else, such as a lasso. */
  taken: () => boolean,
  changed: (view: { k: number; x: number; y: number }) => void,
  signal: AbortSignal,
): PanZoom {
  const target = select<HTMLElement, unknown>(area);
  let moving = 0;
  const stop = () => cancelAnimationFrame(moving);
  const behavior = zoom<HTMLElement, unknown>()
    .filter((event: Event) => {
      if (event instanceof WheelEvent) {
        return event.ctrlKey || event.metaKey || focusable.matches(":focus");
      }
      if ("touches" in event && (event as TouchEvent).touches.length > 1) return true;
      return !taken() && ((event as MouseEvent).button ?? 0) === 0;
    })
    .scaleExtent([0.7, MOST_ZOOM])
    .clickDistance(4)
    .on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => {
      if (event.sourceEvent) stop();
      changed(event.transform);
    });
  target.call(behavior).on("dblclick.zoom", null);
  signal.addEventListener(
    "abort",
    () => {
      stop();
      target.on(".zoom", null);
    },
    { once: true },
  );

  function to(view: { k: number; x: number; y: number }, gently: boolean): void {
    stop();
    const put = (at: { k: number; x: number; y: number }) =>
      behavior.transform(target, zoomIdentity.translate(at.x, at.y).scale(at.k));
    if (!gently || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      put(view);
      return;
    }
    const { k, x, y } = zoomTransform(area);
    const start = performance.now();
    const step = () => {
      const t = Math.min(1, (performance.now() - start) / GENTLY);
      const done = 1 - (1 - t) ** 3;
      const between = (a: number, b: number) => a + (b - a) * done;
      put({ k: between(k, view.k), x: between(x, view.x), y: between(y, view.y) });
      if (t < 1) moving = requestAnimationFrame(step);
    };
    moving = requestAnimationFrame(step);
  }

  let size: [number, number] | null = null;
  return {
    resize(width, height) {
      behavior
        .extent([
          [0, 0],
          [width, height],
        ])
        .translateExtent([
          [-width / 2, -height / 2],
          [1.5 * width, 1.5 * height],
        ]);
      const { k, x, y } = zoomTransform(area);
      // What was in the middle stays there.
      const [dx, dy] = size ? [(width - size[0]) / 2, (height - size[1]) / 2] : [0, 0];
      size = [width, height];
      to({ k, x: x + dx * (1 - k), y: y + dy * (1 - k) }, false);
    },
    by: (factor) => behavior.scaleBy(target, factor),
    to,
    fit: () => to({ k: 1, x: 0, y: 0 }, true),
  };
}
