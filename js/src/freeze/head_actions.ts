// The selected head's state -> buttons that hold, let go, knock out and restore.
import { button } from "../kit/controls.ts";
import { make, setAttributes, setText } from "../kit/dom.ts";
import { headName } from "../pattern/pattern.ts";
import {
  asHeld,
  type Held,
  isHeld,
  layerHeads,
  type Size,
  toggleHeld,
  toggleOut,
} from "./holding.ts";

export interface HeadActionsProps extends Size {
  readonly layer: number;
  readonly head: number;
  readonly heads: Held;
  readonly knockedOut: readonly string[];
  readonly editable: boolean;
}

export interface HeadActionsEvents {
  hold(heads: string[] | null): void;
  knockOut(heads: string[]): void;
}

export function headActions(
  parent: Element,
  events: HeadActionsEvents,
  signal: AbortSignal,
): (props: HeadActionsProps) => void {
  const bar = make("div", "aw-controls aw-head-actions", {
    role: "toolbar",
    "aria-label": "Selected head",
  });
  const title = make("strong", "aw-title");
  const holds = make("span", "aw-head-group", { role: "group", "aria-label": "Hold" });
  const outs = make("span", "aw-head-group", { role: "group", "aria-label": "Knock out" });
  bar.append(title, holds, outs);
  parent.append(bar);
  let props: HeadActionsProps | null = null;

  const act = (group: Element, label: string, press: (now: HeadActionsProps) => void) => {
    const element = button(label, null, () => props && press(props), signal);
    group.append(element);
    return element;
  };
  const name = ({ layer, head }: HeadActionsProps) => headName(layer, head);
  const hold = act(holds, "Hold this head", (now) =>
    events.hold(toggleHeld(now.heads, [name(now)], now)),
  );
  const layer = act(holds, "Hold only this layer", (now) =>
    events.hold(asHeld(new Set(layerHeads(now.layer, now)), now)),
  );
  const all = act(holds, "Hold all", () => events.hold(null));
  const none = act(holds, "Hold none", () => events.hold([]));
  const out = act(outs, "Knock out", (now) =>
    events.knockOut(toggleOut(now.knockedOut, name(now), now)),
  );
  const restore = act(outs, "Restore all", () => events.knockOut([]));
  setAttributes(hold, { title: "Its pattern stays the baseline\u2019s in the frozen run" });
  setAttributes(layer, { title: "Only the patterns of this layer stay the baseline\u2019s" });
  setAttributes(out, { title: "Its output becomes zero in the live and the frozen run" });

  return (next) => {
    props = next;
    bar.hidden = !next.editable;
    setText(title, name(next));
    setAttributes(hold, { "aria-pressed": String(isHeld(next.heads, name(next))) });
    setAttributes(out, { "aria-pressed": String(next.knockedOut.includes(name(next))) });
    all.disabled = next.heads === null;
    none.disabled = next.heads?.length === 0;
    restore.disabled = next.knockedOut.length === 0;
  };
}
