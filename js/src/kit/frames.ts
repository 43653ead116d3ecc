// Work asked for as often as you like -> done once a frame, and in the frame that it was asked in.
//
// One queue serves all widgets of the page, whichever bundle they come from: what a pointer sets off in this widget
// and in those linked with it is drawn in the same frame, however many steps it takes to get there.

type Work = () => void;

/** Copies of other versions hold it too: a change here needs another KEY. */
interface Frames {
  /** What the pointer did goes first: what is drawn after it has heard of it. */
  readonly pointer: Set<Work>;
  readonly drawing: Set<Work>;
  /** Done in the frame that is under way: asked for again it is for the next one. null: none is under way. */
  done: Set<Work> | null;
  asked: boolean;
}

const KEY = "__attn_widgets_frames_1__";

declare global {
  var __attn_widgets_frames_1__: Frames | undefined;
}

function frames(): Frames {
  globalThis[KEY] ??= { pointer: new Set(), drawing: new Set(), done: null, asked: false };
  return globalThis[KEY];
}

function ask(page: Frames): void {
  if (page.asked || page.done || page.pointer.size + page.drawing.size === 0) return;
  page.asked = true;
  requestAnimationFrame(() => {
    page.asked = false;
    run(page);
  });
}

function run(page: Frames): void {
  const done = new Set<Work>();
  page.done = done;
  try {
    for (const queue of [page.pointer, page.drawing]) {
      // what is added meanwhile comes up in the same loop
      for (const work of queue) {
        if (done.has(work)) continue;
        done.add(work);
        queue.delete(work);
        work();
      }
    }
  } finally {
    // one that throws is reported by the browser, and the rest follows in the next frame
    page.done = null;
    ask(page);
  }
}

function each(
  queue: "pointer" | "drawing",
  work: Work,
  signal: AbortSignal,
  afterThis = false,
): () => void {
  const once = () => {
    if (!signal.aborted) work();
  };
  signal.addEventListener("abort", () => frames()[queue].delete(once), { once: true });
  // no frame comes before the page is printed
  const print = () => {
    if (frames()[queue].has(once)) run(frames());
  };
  window.addEventListener("beforeprint", print, { signal });
  return () => {
    if (signal.aborted) return;
    const page = frames();
    if (afterThis) page.done?.add(once);
    page[queue].add(once);
    ask(page);
  };
}

/** `draw` runs once a frame: in this one if it is under way and has not drawn yet. Never after the signal. */
export function eachFrame(draw: Work, signal: AbortSignal): () => void {
  return each("drawing", draw, signal);
}

/** As `eachFrame`, before all that is drawn. */
export function eachMove(follow: Work, signal: AbortSignal): () => void {
  return each("pointer", follow, signal);
}

/** For what is left over: asked for within a frame, it waits for the next one. */
export function nextFrame(draw: Work, signal: AbortSignal): () => void {
  return each("drawing", draw, signal, true);
}
