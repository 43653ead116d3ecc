// Things that change often -> one call once they rest.

/** Time alone would not do: where frames take long, a hand that moves on is not seen before the next. */
const REST = { milliseconds: 140, frames: 3 };

/** Call what is returned at each change; `rested` is called after the last. */
export function atRest(rested: () => void, signal: AbortSignal): () => void {
  let changed = 0;
  let frames = 0;
  let waiting = false;
  const frame = () => {
    if (signal.aborted) return;
    frames++;
    if (frames < REST.frames || performance.now() - changed < REST.milliseconds) {
      requestAnimationFrame(frame);
      return;
    }
    waiting = false;
    rested();
  };
  return () => {
    changed = performance.now();
    frames = 0;
    if (!waiting) requestAnimationFrame(frame);
    waiting = true;
  };
}
