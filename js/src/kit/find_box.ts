// A text field that finds places of a sequence, one after the other -> which one is gone to, and on which axis.
import { button } from "./controls.ts";
import { listen, make, setAttributes, setText } from "./dom.ts";
import { finder, type Match } from "./find.ts";

export interface FindEvents {
  /** `asKey`: among the keys, else among the queries. */
  go(match: Match, asKey: boolean): void;
  announce(text: string): void;
  /** Left with Escape. */
  leave(): void;
}

export interface FindProps {
  readonly queryTokens: readonly string[];
  readonly keyTokens: readonly string[];
  /** What stands between two of them in the text. */
  readonly between: string;
}

const TITLE =
  "Find a word, a phrase or a position. Enter: next, Shift+Enter: previous, with Alt on the other axis. " +
  "Capitals matter where you type one.";

/** `root`: where its keys are heard, "/" and Ctrl+F or Cmd+F. */
export function findBox(
  parent: Element,
  root: HTMLElement,
  events: FindEvents,
  signal: AbortSignal,
): (props: FindProps) => void {
  const field = make("input", "aw-text aw-find-field", {
    type: "search",
    placeholder: "Find",
    "aria-label": "Find in the text",
    "aria-keyshortcuts": "/ Control+f Meta+f",
    title: TITLE,
    autocomplete: "off",
    spellcheck: "false",
  });
  const count = make("span", "aw-find-count");
  const steps = make(
    "span",
    "aw-find-steps",
    { hidden: true },
    button("\u2039", "Previous place", () => step(-1, asKey), signal),
    button("\u203a", "Next place", () => step(1, asKey), signal),
  );
  const axis = button("as query", null, () => turn(!asKey), signal);
  axis.classList.add("aw-find-axis");
  const element = make("span", "aw-field aw-find", { role: "search" }, field, count, steps, axis);
  parent.append(element);

  let props: FindProps | null = null;
  let find: { tokens: readonly string[]; in: ReturnType<typeof finder> } | null = null;
  let found: Match[] = [];
  let at = -1;
  let asKey = false;
  let side = false; // whose places `found` are

  function look(keys: boolean): void {
    if (!props) return;
    const tokens = keys ? props.keyTokens : props.queryTokens;
    if (find?.tokens !== tokens) find = { tokens, in: finder(tokens, props.between) };
    found = find.in(field.value);
    side = keys;
    at = -1;
    show();
  }

  function show(): void {
    const some = field.value.trim() !== "";
    const n = found.length;
    setText(count, some ? (n === 0 ? "none" : at < 0 ? `${n} found` : `${at + 1} of ${n}`) : "");
    steps.hidden = n === 0;
    field.classList.toggle("aw-unknown-name", some && n === 0);
  }

  function step(by: number, keys: boolean): void {
    const other = props && props.queryTokens !== props.keyTokens && keys !== side;
    if (other) look(keys);
    if (!found.length) {
      events.announce(field.value.trim() === "" ? "" : `${field.value} is not in the text`);
      return;
    }
    at = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
    show();
    events.go(found[at], keys);
    events.announce(`${at + 1} of ${found.length}, position ${found[at].from}`);
  }

  function turn(keys: boolean): void {
    asKey = keys;
    setText(axis, keys ? "as key" : "as query");
    setAttributes(axis, {
      "aria-pressed": String(keys),
      title: keys ? "Found places are locked as keys" : "Found places are locked as queries",
    });
    if (props && props.queryTokens !== props.keyTokens) look(keys);
  }
  turn(false);

  listen(field, "input", () => look(asKey), signal);
  listen(
    field,
    "keydown",
    (event) => {
      if (event.key === "Enter") step(event.shiftKey ? -1 : 1, asKey !== event.altKey);
      else if (event.key === "Escape") {
        field.value = "";
        look(asKey);
        events.leave();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );
  listen(
    root,
    "keydown",
    (event) => {
      const { key, ctrlKey, metaKey, altKey, target } = event;
      const chord = (ctrlKey || metaKey) && !altKey && key.toLowerCase() === "f";
      const typing = (target as Element).matches("input, textarea, select, [contenteditable]");
      // pressed again in the field it is the browser's own
      if (chord ? target === field : key !== "/" || ctrlKey || metaKey || typing) return;
      event.preventDefault();
      event.stopPropagation();
      field.focus();
      field.select();
    },
    signal,
  );

  return (next) => {
    const before = props;
    props = next;
    const same =
      before?.queryTokens === next.queryTokens &&
      before.keyTokens === next.keyTokens &&
      before.between === next.between;
    if (same) return;
    find = null;
    look(asKey);
  };
}
