// A text field that offers options: arrow keys mark one, Enter or a click chooses it.
import { listen, make, setAttributes, uniqueId } from "./dom.ts";

export interface OptionListLook {
  readonly label: string;
  readonly placeholder: string;
  readonly title?: string;
  /** A class of the field's own. */
  readonly fieldClass: string;
  readonly listLabel: string;
  readonly listClass: string;
}

export interface OptionListEvents {
  choose(index: number, event: KeyboardEvent | MouseEvent): void;
  /** -1: none. */
  marked?(index: number): void;
  /** Whether the key had a meaning. */
  escape(): boolean;
}

export interface OptionList {
  readonly field: HTMLInputElement;
  readonly list: HTMLElement;
  /** The first is marked, or another. */
  offer(options: readonly HTMLElement[], marked?: number): void;
}

export function optionList(
  look: OptionListLook,
  events: OptionListEvents,
  signal: AbortSignal,
): OptionList {
  const id = uniqueId();
  const field = make("input", `aw-text ${look.fieldClass}`, {
    type: "text",
    role: "combobox",
    "aria-label": look.label,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
    placeholder: look.placeholder,
    autocomplete: "off",
    spellcheck: "false",
    title: look.title ?? "",
  });
  const list = make("div", look.listClass, {
    role: "listbox",
    id,
    tabindex: -1,
    "aria-label": look.listLabel,
    hidden: true,
  });
  let options: readonly HTMLElement[] = [];
  let active = -1;

  function mark(index: number): void {
    active = index;
    for (const [i, option] of options.entries()) {
      setAttributes(option, { "aria-selected": String(i === active) });
    }
    const option = options[active];
    setAttributes(field, { "aria-activedescendant": option?.id ?? null });
    events.marked?.(active);
    if (!option) return;
    // Scrolls the list alone: scrollIntoView would move the page too.
    const above = option.offsetTop - list.scrollTop;
    if (above < 0) list.scrollTop = option.offsetTop;
    else if (above + option.offsetHeight > list.clientHeight) {
      list.scrollTop = option.offsetTop + option.offsetHeight - list.clientHeight;
    }
  }

  function onKey(event: KeyboardEvent): void {
    event.stopPropagation(); // notebooks have single-key shortcuts of their own
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : options.length - 1;
      if (options.length) mark((active + by) % options.length);
    } else if (event.key === "Enter") {
      if (active >= 0) events.choose(active, event);
    } else if (event.key !== "Escape" || !events.escape()) return;
    event.preventDefault();
  }

  listen(field, "keydown", onKey, signal);
  listen(list, "keydown", onKey, signal);
  listen(list, "pointerdown", (event) => event.preventDefault(), signal); // the field keeps focus
  listen(
    list,
    "click",
    (event) => {
      const chosen = options.findIndex((option) => option.contains(event.target as Node));
      if (chosen >= 0) events.choose(chosen, event);
    },
    signal,
  );

  return {
    field,
    list,
    offer(next, marked = 0) {
      options = next;
      for (const [i, option] of options.entries()) {
        setAttributes(option, { role: "option", id: `${id}-${i}` });
      }
      list.replaceChildren(...options);
      list.hidden = options.length === 0;
      setAttributes(field, { "aria-expanded": String(options.length > 0) });
      mark(options.length ? marked : -1);
    },
  };
}
