// Whether what is on show waits for another -> a class at once, and one that dims it where that takes long.

import { later } from "./dom.ts";

/** Most answers are there sooner. A fade, delayed or not, keeps the browser drawing, and the answer waits for it. */
export const DIM_AFTER = 200;

export function waitingMark(element: HTMLElement, signal: AbortSignal): (waiting: boolean) => void {
  const timer = later(signal);
  let now = false;
  return (waiting) => {
    if (waiting === now) return;
    now = waiting;
    element.classList.toggle("aw-waiting", waiting);
    if (waiting) timer.start(() => element.classList.add("aw-dimmed"), DIM_AFTER);
    else {
      timer.stop();
      element.classList.remove("aw-dimmed");
    }
  };
}
