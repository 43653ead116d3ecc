// Where one is among the heads -> buttons to the previous and the next, an order, a field to find one, a way back.
import { button, choice } from "../kit/controls.ts";
import { listen, make, setText } from "../kit/dom.ts";
import { matches } from "../kit/find_heads.ts";
import { optionList } from "../kit/option_list.ts";
import type { DossierEvents, DossierProps } from "./props.ts";
import { besideIn, walkOf } from "./walk.ts";

const MOST = 8;

export interface Navigation {
  update(props: DossierProps, order: string): void;
  previous(): void;
  next(): void;
  find(): void;
}

export function navigation(
  parent: Element,
  events: Pick<DossierEvents, "choose" | "back"> & { order(name: string): void },
  signal: AbortSignal,
): Navigation {
  let names: readonly string[] = [];
  let before: string | null = null;
  let after: string | null = null;
  const go = (name: string | null) => name !== null && events.choose(name);
  const back = button("\u2190 Back", "Back to the head before", events.back, signal);
  const less = button("\u2039", "Previous head", () => go(before), signal);
  const more = button("\u203a", "Next head", () => go(after), signal);
  const where = make("span", "aw-label aw-walk-where");
  const bar = make("nav", "aw-controls aw-walk", { "aria-label": "Heads", tabindex: -1 });
  bar.append(back, make("span", "aw-stepper", {}, less, more), where);
  const setOrder = choice(bar, "in order of", events.order, signal);
  const search = searchField(events.choose, () => names, signal);
  bar.append(search.element);
  parent.append(bar);

  return {
    previous: () => go(before),
    next: () => go(after),
    find: () => search.field.focus(),
    update({ table, page, heads, here, canGoBack }, order) {
      const held = [back, less, more].find((one) => one === document.activeElement);
      back.hidden = !canGoBack;
      if (!table || !page) return;
      const walk = walkOf(table, heads, page.name, order);
      const { at, previous, next } = besideIn(walk, page.name);
      [before, after] = [previous, next].map((name) => (name !== null && here(name) ? name : null));
      less.disabled = before === null;
      more.disabled = after === null;
      for (const [step, name] of [
        [less, before],
        [more, after],
      ] as const)
        step.title = name ?? "";
      // keys go on where a button that was pressed is there no more
      if (held && (held.hidden || held.disabled)) bar.focus({ preventScroll: true });
      setText(where, at < 0 ? `not among the ${walk.length}` : `${at + 1} of ${walk.length}`);
      const scores = table.columns.filter(
        ({ values, of, name }) => values && !of && name !== "depth",
      );
      setOrder(order, [
        { value: "", label: heads.length ? "the list" : "layers" },
        ...scores.map(({ name, label }) => ({ value: name, label })),
      ]);
      names = table.names.filter(here);
    },
  };
}

function searchField(
  choose: (name: string) => void,
  names: () => readonly string[],
  signal: AbortSignal,
) {
  let found: readonly string[] = [];
  const { field, list, offer } = optionList(
    {
      label: "Find a head",
      placeholder: "Find a head: L5H1",
      title: "Enter goes to the head (/)",
      fieldClass: "aw-head-search",
      listLabel: "Heads",
      listClass: "aw-head-options",
    },
    {
      choose(index) {
        const name = found[index];
        field.value = "";
        close();
        choose(name);
      },
      escape() {
        if (field.value === "") return false;
        field.value = "";
        close();
        return true;
      },
    },
    signal,
  );
  const show = (next: readonly string[]) => {
    found = next;
    offer(found.map((name) => make("div", "aw-option", { "data-head": name }, name)));
  };
  const close = () => {
    field.classList.remove("aw-unknown-name");
    show([]);
  };
  const search = () => {
    const all = names();
    show(matches(all, field.value, MOST).map((i) => all[i]));
    field.classList.toggle("aw-unknown-name", field.value.trim() !== "" && found.length === 0);
  };
  listen(field, "input", search, signal);
  listen(field, "focus", () => field.value && search(), signal);
  listen(field, "blur", close, signal);
  return { field, element: make("div", "aw-head-find", {}, field, list) };
}
