// Where in its training a model is shown -> a slider over its checkpoints, which can be played.

import { button } from "../kit/controls.ts";
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { eachFrame, nextFrame } from "../kit/frames.ts";

export interface CourseProps {
  /** Names of the checkpoints, in the order of training; none: nothing to show. */
  readonly names: readonly string[];
  /** null: all at once. */
  readonly checkpoint: number | null;
}

export interface CourseEvents {
  /** As it moves, often; `rests`: for as long as nothing else is asked for. */
  move(checkpoint: number | null, rests: boolean): void;
}

/** From a checkpoint to the next, in ms. */
const STEP = 900;

export function courseBar(
  parent: Element,
  events: CourseEvents,
  signal: AbortSignal,
): (props: CourseProps) => void {
  const play = button("\u25b6", "Play the training", toggle, signal);
  const input = make("input", "aw-slider aw-course-slider", {
    type: "range",
    min: 0,
    step: 0.01,
    "aria-label": "Checkpoint",
  });
  const name = make("output", "aw-course-name");
  const all = button("All checkpoints", null, () => stop(null), signal);
  const element = make(
    "div",
    "aw-course",
    { role: "group", "aria-label": "Training", hidden: true },
    play,
    input,
    name,
    all,
  );
  parent.append(element);
  let props: CourseProps = { names: [], checkpoint: null };
  /** While it plays: where it began, and when. */
  let playing: { from: number; since: number } | null = null;
  let at = 0;

  const last = () => props.names.length - 1;
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function show(checkpoint: number | null): void {
    at = checkpoint ?? 0;
    if (Number(input.value) !== at) input.value = String(at);
    const shown = props.names[Math.round(at)] ?? "";
    setText(name, checkpoint === null ? `all ${props.names.length}` : shown);
    setAttributes(input, { "aria-valuetext": checkpoint === null ? "all checkpoints" : shown });
    setAttributes(all, { "aria-pressed": String(checkpoint === null) });
    setText(play, playing ? "\u23f8" : "\u25b6");
    const what = playing ? "Pause" : "Play the training";
    setAttributes(play, { "aria-label": what, title: what });
  }

  function stop(checkpoint: number | null): void {
    playing = null;
    show(checkpoint);
    events.move(checkpoint, true);
  }

  function toggle(): void {
    if (playing) {
      stop(at);
      return;
    }
    const begun = props.checkpoint === null || at >= last() ? 0 : at;
    playing = { from: begun, since: performance.now() };
    step();
  }

  const next = nextFrame(step, signal);
  function step(): void {
    if (!playing) return;
    const gone = playing.from + (performance.now() - playing.since) / STEP;
    if (gone >= last()) {
      stop(last());
      return;
    }
    // who has something against motion sees each checkpoint as it is
    const now = still() ? Math.floor(gone) : gone;
    show(now);
    events.move(now, false);
    next();
  }

  const drag = eachFrame(() => stop(Number(input.value)), signal);
  listen(input, "input", drag, signal);
  listen(
    input,
    "keydown",
    (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const from = by > 0 ? Math.floor(at + 1e-9) : Math.ceil(at - 1e-9);
      stop(Math.min(last(), Math.max(0, props.checkpoint === null ? 0 : from + by)));
    },
    signal,
  );

  return (now) => {
    props = now;
    element.hidden = now.names.length < 2;
    setAttributes(input, { max: Math.max(1, last()) });
    if (!playing) show(now.checkpoint);
  };
}
