// What the stage shows -> points by WebGL and marks over them, each at most once a frame; says what keeps it from it.
import { context2d, make, setAttributes } from "../kit/dom.ts";
import { eachFrame } from "../kit/frames.ts";
import type { Painted } from "./drawing_order.ts";
import { glide } from "./glide.ts";
import { drawMarks } from "./marks.ts";
import { type PointStyle, type PointsPlot, pointsPlot } from "./points_plot.ts";
import { ringStamps } from "./ring_stamps.ts";
import { cameraMatrix, type Screen, scaling } from "./screen.ts";
import { zoomedSize } from "./sizing.ts";
import { cloudOf, type StageNow, unzoomed } from "./stage_now.ts";

export interface StagePainter {
  /** Make the plot: once there is something to show. */
  open(): void;
  resize(width: number, height: number): void;
  /** Colours, sizes and places of the points: as often as one of them changed. */
  paint(): void;
  remark(): void;
  view(screen: Screen): void;
}

const NO_WEBGL =
  "This browser offers no WebGL, which the plot needs. Search, colours and the selection work without it.";
const LOST =
  "The browser took WebGL away from this plot, as it does when many plots are open. Show the widget again to draw it.";
export function stagePainter(
  now: StageNow,
  {
    canvas,
    overlay,
    spare,
  }: Record<"canvas" | "overlay", HTMLCanvasElement> & { spare: HTMLElement },
  failed: (reason: string) => void,
  signal: AbortSignal,
): StagePainter {
  let broken = false;
  let said = "";
  let plot: PointsPlot | null = null;
  let styled: PointStyle | null = null;
  let drawn: { points: Painted; places: readonly number[] } | null = null;
  const ratio = () => overlay.width / (now.screen.width || 1);
  const stamps = ringStamps(ratio);

  function radius(point: number): number {
    const { props, maker, screen } = now;
    if (!props) return 0;
    const size = maker.size(props, cloudOf(now, props), point, unzoomed(now));
    return zoomedSize(size, scaling(screen)) / 2;
  }

  const paint = eachFrame(() => {
    const { props, maker, turning } = now;
    if (!props || !plot) return;
    const style = maker.style(props, unzoomed(now));
    if (style !== styled) plot.style(style);
    styled = style;
    const points = maker.painted(props, cloudOf(now, props), turning);
    const places = maker.places(props, points);
    if (points === drawn?.points && places === drawn.places) return;
    drawn = { points, places };
    setAttributes(canvas, { "data-ready": null });
    plot.draw(points, places);
  }, signal);

  function paintMarks(): void {
    const { props, marks, lasso, screen, rotation } = now;
    if (!props || !marks || broken) return;
    const context = context2d(overlay);
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    const solidly = props.axes.length === 3;
    const all = { ...marks, lasso, rotation: solidly ? rotation : null, ruled: props.ruled };
    drawMarks(context, cloudOf(now, props), screen, all, radius, stamps, props.theme);
  }
  const remark = eachFrame(paintMarks, signal);
  const gliding = glide(canvas, (asked) => plot?.view(cameraMatrix(asked)), signal);

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
            const hidden = now.props?.hidden ?? new Uint8Array(0);
            tell("");
            setAttributes(canvas, {
              "data-ready": "true",
              "data-points": hidden.length,
              "data-visible": hidden.length - sum(hidden),
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
    failed(reason);
  }

  function fail(reason: string): void {
    plot = null;
    broken = true;
    canvas.hidden = true;
    overlay.hidden = true;
    tell(reason);
  }

  return {
    open,
    paint,
    remark,
    resize: (width, height) => plot?.resize(width, height),
    view: gliding.view,
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
