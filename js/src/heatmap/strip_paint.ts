// Token spans and a weight for each -> their paint, as far as they are in sight.
import { cssColor, rampIndex, wantsDarkText } from "../pattern/color.ts";

export interface StripPaint {
  /** Where a token's weight lies on the colour bar, from 0 to 1; null: no paint. */
  readonly weight: (index: number) => number | null;
  readonly colors: Uint32Array;
}

export interface StripPainter {
  /** Other spans, none of them painted. */
  take(spans: readonly HTMLElement[]): void;
  paint(paint: StripPaint): void;
  /** The strip was scrolled or has another size. */
  moved(what: "scrolled" | "resized"): void;
}

/** Odd, so that one of them is the middle of the bar, where 0 of signed values lies. */
const BUCKETS = 65;
const BARE = 255;

export function stripPainter(element: HTMLElement): StripPainter {
  let spans: readonly HTMLElement[] = [];
  let painted = new Uint8Array(0);
  let now: StripPaint | null = null;
  let measured: { tops: number[]; height: number } | null = null;
  let scrolled = 0;

  function set(index: number, bucket: number): void {
    if (bucket === painted[index]) return;
    painted[index] = bucket;
    const { style } = spans[index];
    if (bucket === BARE) {
      style.backgroundColor = "";
      style.color = "";
    } else {
      const pixel = now!.colors[rampIndex((bucket + 0.5) / BUCKETS)];
      style.backgroundColor = cssColor(pixel);
      style.color = wantsDarkText(pixel) ? "#000" : "#fff";
    }
  }

  /** Of thousands of spans most are scrolled away. */
  function inSight(): [number, number] {
    if (spans.length < 300) return [0, spans.length];
    measured ??= { tops: spans.map((span) => span.offsetTop), height: element.clientHeight };
    const { tops, height } = measured;
    const from = tops.findIndex((top) => top > scrolled - 40);
    const end = tops.findIndex((top) => top > scrolled + height + 20);
    return [Math.max(0, from), end < 0 ? spans.length : end];
  }

  function paintAll(): void {
    if (!now) return;
    const [from, end] = inSight();
    for (let i = from; i < end; i++) {
      const weight = now.weight(i);
      set(i, weight === null ? BARE : Math.min(BUCKETS - 1, Math.floor(weight * BUCKETS)));
    }
  }

  return {
    take(next) {
      spans = next;
      measured = null;
      scrolled = 0;
      painted = new Uint8Array(next.length).fill(BARE);
    },
    paint(next) {
      // All paint is in the old colours.
      if (next.colors !== now?.colors) for (let i = 0; i < spans.length; i++) set(i, BARE);
      now = next;
      paintAll();
    },
    moved(what) {
      if (what === "resized") measured = null;
      else scrolled = element.scrollTop;
      paintAll();
    },
  };
}
