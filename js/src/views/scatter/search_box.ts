// A text field that offers heads whose names fit what is typed.
import { listen, make, setAttributes } from "../dom.ts";
import { matches } from "./search.ts";

export interface SearchEvents {
  /** `more`: added to the selection. */
  choose(name: string, more: boolean): void;
  /** The offer that is marked, to be shown among the points. */
  point(name: string | null): void;
}

const MOST = 8;
let count = 0;

export function searchBox(
  parent: Element,
  events: SearchEvents,
  signal: AbortSignal,
): (names: readonly string[]) => void {
  const id = `aw-heads-${++count}`;
  const field = make("input", "aw-text aw-scatter-search", {
    type: "text",
    role: "combobox",
    "aria-label": "Find a head",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
    placeholder: "Find a head: L5H1",
    autocomplete: "off",
    spellcheck: "false",
    title: "Enter goes to the head; Ctrl and Enter adds it to the selection",
  });
  const list = make("div", "aw-scatter-options", {
    role: "listbox",
    id,
    "aria-label": "Heads",
    hidden: true,
  });
  const box = make("div", "aw-scatter-find", {}, field, list);
  parent.append(box);

  let names: readonly string[] = [];
  let found: string[] = [];
  let active = 0;

  function close(): void {
    found = [];
    list.hidden = true;
    setAttributes(field, { "aria-expanded": "false", "aria-activedescendant": null });
    field.classList.remove("aw-unknown-name");
    events.point(null);
  }

  function draw(): void {
    found = matches(names, field.value, MOST).map((i) => names[i]);
    active = 0;
    field.classList.toggle("aw-unknown-name", field.value.trim() !== "" && found.length === 0);
    list.hidden = found.length === 0;
    setAttributes(field, { "aria-expanded": String(found.length > 0) });
    list.replaceChildren(
      ...found.map((name, i) =>
        make(
          "div",
          "aw-option aw-scatter-option",
          { role: "option", id: `${id}-${i}`, "data-head": name },
          name,
        ),
      ),
    );
    mark();
  }

  function mark(): void {
    for (const [i, option] of [...list.children].entries()) {
      setAttributes(option, { "aria-selected": String(i === active) });
    }
    setAttributes(field, {
      "aria-activedescendant": found.length > 0 ? `${id}-${active}` : null,
    });
    events.point(found[active] ?? null);
  }

  function choose(name: string | undefined, more: boolean): void {
    if (name === undefined) return;
    field.value = "";
    close();
    events.choose(name, more);
  }

  listen(field, "input", draw, signal);
  listen(field, "focus", () => field.value && draw(), signal);
  listen(field, "blur", close, signal);
  listen(
    field,
    "keydown",
    (event) => {
      event.stopPropagation(); // notebooks have single-key shortcuts of their own
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const by = event.key === "ArrowDown" ? 1 : found.length - 1;
        active = found.length ? (active + by) % found.length : 0;
        mark();
      } else if (event.key === "Enter") choose(found[active], event.ctrlKey || event.metaKey);
      else if (event.key === "Escape" && field.value !== "") {
        field.value = "";
        close();
      } else return;
      event.preventDefault();
    },
    signal,
  );
  listen(list, "pointerdown", (event) => event.preventDefault(), signal); // the field keeps focus
  listen(
    list,
    "click",
    (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[data-head]");
      choose(option?.dataset.head, event.ctrlKey || event.metaKey);
    },
    signal,
  );

  return (next) => {
    names = next;
  };
}
