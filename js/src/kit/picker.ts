// A labelled field that offers all its options and finds them by what is typed: a select for more than a few.

import type { Option } from "./controls.ts";
import { listen, make } from "./dom.ts";
import { optionList } from "./option_list.ts";

export function picker<V extends string>(
  parent: Element,
  label: string,
  pick: (value: V) => void,
  signal: AbortSignal,
): (value: V, options: readonly Option<V>[]) => void {
  let options: readonly Option<V>[] = [];
  let found: readonly Option<V>[] = [];
  let value: V | null = null;
  const { field, list, offer } = optionList(
    {
      label,
      placeholder: "",
      title: "Type to find; arrow keys and Enter choose",
      fieldClass: "aw-picker-field",
      listLabel: label,
      listClass: "aw-picker-list",
    },
    {
      choose(index) {
        const chosen = found[index];
        close();
        if (chosen && chosen.value !== value) pick(chosen.value);
      },
      escape() {
        const open = !list.hidden;
        close();
        return open;
      },
    },
    signal,
  );
  const box = make("span", "aw-picker", {}, field, list);
  parent.append(
    make("span", "aw-field", {}, make("span", "aw-label", { "aria-hidden": "true" }, label), box),
  );

  const written = () => options.find((option) => option.value === value)?.label ?? "";

  function show(next: readonly Option<V>[], marked: number): void {
    found = next;
    offer(
      next.map((option) => make("div", "aw-option", { "data-value": option.value }, option.label)),
      Math.max(0, marked),
    );
  }

  function open(): void {
    show(
      options,
      options.findIndex((option) => option.value === value),
    );
  }

  function close(): void {
    show([], 0);
    field.value = written();
  }

  listen(
    field,
    "input",
    () => {
      const parts = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = ({ label: text }: Option<V>) =>
        parts.every((part) => text.toLowerCase().includes(part));
      show(options.filter(fits), 0);
    },
    signal,
  );
  listen(
    field,
    "focus",
    () => {
      field.select();
      open();
    },
    signal,
  );
  listen(field, "pointerdown", () => list.hidden && open(), signal);
  // Before the list hears of it, and steps on from the one that is marked.
  listen(
    field,
    "keydown",
    (event) => {
      if (!list.hidden || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      open();
    },
    signal,
    { capture: true },
  );
  listen(field, "blur", close, signal);

  return (next, all) => {
    const same = value === next && options === all;
    value = next;
    options = all;
    if (!same && list.hidden) field.value = written();
  };
}
