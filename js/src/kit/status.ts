// Progress, errors and what a screen reader should hear -> a thin bar, an alert box, a live region.
import { later, make, setAttributes, setText } from "./dom.ts";

export interface StatusProps {
  readonly busy: boolean;
  readonly progress: number;
  readonly error: string;
  /** Something to know that is no failure, such as an answer that takes long. */
  readonly notice: string;
}

export interface Status {
  update(props: StatusProps): void;
  announce(text: string): void;
}

export function statusView(root: HTMLElement, signal: AbortSignal): Status {
  const fill = make("div", "aw-progress-fill");
  const bar = make(
    "div",
    "aw-progress",
    { role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 },
    fill,
  );
  const live = make("div", "aw-live", { role: "status", "aria-live": "polite" });
  const notice = make("div", "aw-notice", { hidden: true });
  const alert = make("div", "aw-error", { role: "alert", hidden: true });
  root.prepend(bar);
  root.append(notice, alert, live);

  const wait = later(signal);
  let said = "";
  return {
    update({ busy, progress, error, notice: text }) {
      const percent = Math.round(Math.min(1, Math.max(0, progress)) * 100);
      setAttributes(root, { "aria-busy": String(busy) });
      bar.classList.toggle("aw-on", busy);
      bar.classList.toggle("aw-unknown", busy && percent === 0);
      setAttributes(bar, {
        "aria-valuenow": busy && percent > 0 ? percent : null,
        "aria-hidden": String(!busy),
      });
      fill.style.setProperty("--aw-done", `${percent}%`);
      setText(alert, error);
      alert.hidden = error === "";
      setText(notice, text);
      notice.hidden = text === "";
    },
    announce(text) {
      if (text === said) return;
      said = text;
      wait.start(() => setText(live, text), 400);
    },
  };
}
