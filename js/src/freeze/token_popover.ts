// A place beside a chip -> a small dialog that asks for single tokens and offers those that come back.
import { later, listen, make, watchSize } from "../kit/dom.ts";
import { optionList } from "../kit/option_list.ts";
import { belowOf, keepIn, roomAround } from "../kit/popup.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";

export interface Token {
  readonly id: number;
  readonly text: string;
}

export interface Suggestions {
  readonly position: number;
  readonly text: string;
  readonly tokens: readonly Token[];
}

export interface TokenPopoverEvents {
  ask(position: number, text: string): void;
  choose(position: number, id: number): void;
  /** It opened at this position, or closed. */
  moved(position: number | null): void;
  /** Closed by the keyboard: focus goes back to where it came from. */
  left(position: number): void;
}

export interface TokenPopover {
  open(position: number, chip: HTMLElement, before: Token | null): void;
  close(): void;
  update(suggestions: Suggestions | null): void;
}

const DEBOUNCE = 120;

export function tokenPopover(
  parent: HTMLElement,
  events: TokenPopoverEvents,
  signal: AbortSignal,
): TokenPopover {
  const { field, list, offer } = optionList(
    {
      label: "Token to put here",
      placeholder: "Type the start of a token",
      fieldClass: "aw-token-input",
      listLabel: "Tokens",
      listClass: "aw-token-options",
    },
    {
      choose(index) {
        const at = position;
        close();
        events.choose(at, options[index].id);
        events.left(at);
      },
      escape() {
        const at = position;
        close();
        events.left(at);
        return true;
      },
    },
    signal,
  );
  const note = make("div", "aw-token-note", { role: "status" });
  const box = make(
    "div",
    "aw-token-popover",
    { role: "dialog", "aria-label": "Replace a token", hidden: true },
    field,
    list,
    note,
  );
  parent.append(box);

  const wait = later(signal);
  let closing: AbortController | null = null;
  let position = -1;
  let anchor: HTMLElement | null = null;
  let before: Token | null = null;
  let suggestions: Suggestions | null = null;
  let options: readonly Token[] = [];

  const answered = () => suggestions?.position === position && suggestions.text === field.value;

  function place(): void {
    if (!anchor) return;
    const chip = anchor.getBoundingClientRect();
    const { left, top } = parent.getBoundingClientRect();
    const { across, down } = roomAround(parent);
    const at = { from: chip.top - top, to: chip.bottom - top };
    box.style.left = `${keepIn(chip.left - left, box.offsetWidth, across)}px`;
    box.style.top = `${belowOf(at, box.offsetHeight, down, 4)}px`;
  }

  function draw(): void {
    const found = answered() ? (suggestions?.tokens ?? []) : [];
    // The token of the baseline comes first, while nothing is typed.
    const back = before && field.value === "" ? [before] : [];
    options = [...back, ...found.filter((token) => token.id !== back[0]?.id)];
    offer(
      options.map((token, i) =>
        make(
          "div",
          "aw-option aw-token-option",
          { "data-id": token.id, "aria-label": plainToken(token.text, 400) },
          make("span", "aw-token-option-text", {}, ...tokenNodes(token.text, 30)),
          ...(i < back.length ? [make("span", "aw-label", {}, "baseline")] : []),
        ),
      ),
    );
    const nothing = "No single token starts like this";
    note.textContent = answered() ? (found.length ? "" : nothing) : "\u2026";
    note.hidden = note.textContent === "";
  }

  function close(): void {
    if (!closing) return;
    closing.abort();
    closing = null;
    wait.stop();
    anchor = null;
    box.hidden = true;
    events.moved(null);
  }

  listen(
    field,
    "input",
    () => {
      draw();
      wait.start(() => events.ask(position, field.value), DEBOUNCE);
    },
    signal,
  );
  return {
    close,
    open(at, chip, old) {
      close();
      closing = new AbortController();
      const until = AbortSignal.any([signal, closing.signal]);
      position = at;
      anchor = chip;
      before = old;
      field.value = "";
      box.hidden = false;
      draw();
      place();
      field.focus({ preventScroll: true });
      events.moved(at);
      events.ask(at, "");
      const outside = (target: EventTarget | null) =>
        target instanceof Node && !box.contains(target) && !chip.contains(target);
      listen(document, "pointerdown", (event) => outside(event.target) && close(), until);
      listen(box, "focusout", (event) => outside(event.relatedTarget) && close(), until);
      listen(parent, "scroll", place, until, { capture: true });
      watchSize(parent, place, until);
    },
    update(next) {
      if (anchor && !anchor.isConnected) close(); // another token stands there now
      if (next === suggestions) return;
      suggestions = next;
      if (!closing) return;
      draw();
      place(); // the list may have become longer than the room below
    },
  };
}
