// A place beside a chip -> a small dialog that asks for single tokens and offers those that come back.
import { later, listen, make, setAttributes, watchSize } from "../dom.ts";
import { plainToken, tokenNodes } from "../token.ts";

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
let count = 0;

export function tokenPopover(
  parent: HTMLElement,
  events: TokenPopoverEvents,
  signal: AbortSignal,
): TokenPopover {
  const id = `aw-tokens-${++count}`;
  const field = make("input", "aw-text aw-token-input", {
    type: "text",
    role: "combobox",
    "aria-label": "Token to put here",
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": id,
    placeholder: "Type the start of a token",
    autocomplete: "off",
    spellcheck: "false",
  });
  const list = make("div", "aw-token-options", {
    role: "listbox",
    id,
    tabindex: -1,
    "aria-label": "Tokens",
  });
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
  let active = 0;

  const answered = () => suggestions?.position === position && suggestions.text === field.value;

  function place(): void {
    if (!anchor) return;
    const chip = anchor.getBoundingClientRect();
    const room = parent.getBoundingClientRect();
    const left = Math.min(chip.left - room.left, room.width - box.offsetWidth);
    box.style.left = `${Math.max(0, left)}px`;
    box.style.top = `${chip.bottom - room.top + 4}px`;
  }

  function draw(): void {
    const found = answered() ? (suggestions?.tokens ?? []) : [];
    // The token of the baseline comes first, while nothing is typed.
    const back = before && field.value === "" ? [before] : [];
    options = [...back, ...found.filter((token) => token.id !== back[0]?.id)];
    active = 0;
    list.replaceChildren(
      ...options.map((token, i) =>
        make(
          "div",
          "aw-option aw-token-option",
          {
            role: "option",
            id: `${id}-${i}`,
            "data-id": token.id,
            "aria-label": plainToken(token.text),
          },
          make("span", "", {}, ...tokenNodes(token.text, 30)),
          ...(i < back.length ? [make("span", "aw-label", {}, "baseline")] : []),
        ),
      ),
    );
    list.hidden = options.length === 0;
    const nothing = "No single token starts like this";
    note.textContent = answered() ? (found.length ? "" : nothing) : "\u2026";
    note.hidden = note.textContent === "";
    mark();
  }

  function mark(): void {
    for (const [i, option] of [...list.children].entries()) {
      setAttributes(option, { "aria-selected": i === active ? "true" : "false" });
    }
    const option = list.children[active] as HTMLElement | undefined;
    setAttributes(field, { "aria-activedescendant": option?.id ?? null });
    if (!option) return;
    // Scrolls the list alone: scrollIntoView would move the page too.
    const above = option.offsetTop - list.scrollTop;
    if (above < 0) list.scrollTop = option.offsetTop;
    else if (above + option.offsetHeight > list.clientHeight) {
      list.scrollTop = option.offsetTop + option.offsetHeight - list.clientHeight;
    }
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

  function choose(token: Token | undefined): void {
    if (!token) return;
    const at = position;
    close();
    events.choose(at, token.id);
    events.left(at);
  }

  function onKey(event: KeyboardEvent): void {
    event.stopPropagation(); // notebooks have single-key shortcuts of their own
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : options.length - 1;
      active = options.length ? (active + by) % options.length : 0;
      mark();
    } else if (event.key === "Enter") choose(options[active]);
    else if (event.key === "Escape") {
      const at = position;
      close();
      events.left(at);
    } else return;
    event.preventDefault();
  }

  listen(box, "keydown", onKey, signal);
  listen(
    field,
    "input",
    () => {
      draw();
      wait.start(() => events.ask(position, field.value), DEBOUNCE);
    },
    signal,
  );
  listen(
    list,
    "click",
    (event) => {
      const option = (event.target as Element).closest(".aw-token-option");
      if (option) choose(options[[...list.children].indexOf(option)]);
    },
    signal,
  );
  listen(list, "pointerdown", (event) => event.preventDefault(), signal); // the field keeps focus

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
      if (closing) draw();
    },
  };
}
