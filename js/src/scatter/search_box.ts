// A text field that offers heads whose names fit what is typed.
import { listen, make } from "../kit/dom.ts";
import { matches } from "../kit/find_heads.ts";
import { optionList } from "../kit/option_list.ts";

export interface SearchEvents {
  /** `more`: added to the selection. */
  choose(name: string, more: boolean): void;
  /** The offer that is marked, to be shown among the points. */
  point(name: string | null): void;
}

const MOST = 8;

export function searchBox(
  parent: Element,
  events: SearchEvents,
  signal: AbortSignal,
): (names: readonly string[]) => void {
  let names: readonly string[] = [];
  let found: readonly string[] = [];
  const { field, list, offer } = optionList(
    {
      label: "Find a head",
      placeholder: "Find a head: L5H1",
      title: "Enter goes to the head; Ctrl and Enter adds it to the selection",
      fieldClass: "aw-scatter-search",
      listLabel: "Heads",
      listClass: "aw-scatter-options",
    },
    {
      choose(index, event) {
        const name = found[index];
        clear();
        events.choose(name, event.ctrlKey || event.metaKey);
      },
      marked: (index) => events.point(found[index] ?? null),
      escape() {
        if (field.value === "") return false;
        clear();
        return true;
      },
    },
    signal,
  );
  parent.append(make("div", "aw-scatter-find", {}, field, list));

  function show(next: readonly string[]): void {
    found = next;
    offer(
      found.map((name) => make("div", "aw-option aw-scatter-option", { "data-head": name }, name)),
    );
  }

  function close(): void {
    field.classList.remove("aw-unknown-name");
    show([]);
  }

  function clear(): void {
    field.value = "";
    close();
  }

  function search(): void {
    show(matches(names, field.value, MOST).map((i) => names[i]));
    field.classList.toggle("aw-unknown-name", field.value.trim() !== "" && found.length === 0);
  }

  listen(field, "input", search, signal);
  listen(field, "focus", () => field.value && search(), signal);
  listen(field, "blur", close, signal);

  return (next) => {
    names = next;
  };
}
