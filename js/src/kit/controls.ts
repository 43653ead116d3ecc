// Native form controls with names -> functions that keep them in step with the state.
import { listen, make, setAttributes, setText } from "./dom.ts";
import { eachFrame } from "./frames.ts";

export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly disabled?: boolean;
  readonly title?: string;
}

/** A labelled select. */
export function choice<V extends string>(
  parent: Element,
  label: string,
  pick: (value: V) => void,
  signal: AbortSignal,
): (value: V, options: readonly Option<V>[], enabled?: boolean) => void {
  const select = make("select", "aw-select");
  parent.append(make("label", "aw-field", {}, make("span", "aw-label", {}, label), select));
  listen(select, "change", () => pick(select.value as V), signal);
  let last = "";
  return (value, options, enabled = true) => {
    select.disabled = !enabled;
    const now = JSON.stringify(options);
    if (now !== last) {
      last = now;
      select.replaceChildren(
        ...options.map((option) =>
          make(
            "option",
            "",
            {
              value: option.value,
              disabled: option.disabled === true,
              title: option.title ?? null,
            },
            option.label,
          ),
        ),
      );
    }
    if (select.value !== value) select.value = value;
  };
}

/** A whole number from 0 to count - 1: a select between two step buttons. */
export function stepper(
  parent: Element,
  label: string,
  pick: (value: number) => void,
  signal: AbortSignal,
): (value: number, count: number) => void {
  const select = make("select", "aw-select", { "aria-label": label });
  const less = button("\u2039", `Previous ${label.toLowerCase()}`, () => pick(at - 1), signal);
  const more = button("\u203a", `Next ${label.toLowerCase()}`, () => pick(at + 1), signal);
  const group = make("span", "aw-stepper", {}, less, select, more);
  parent.append(
    make("span", "aw-field", {}, make("span", "aw-label", { "aria-hidden": "true" }, label), group),
  );
  listen(select, "change", () => pick(Number(select.value)), signal);
  let at = 0;
  return (value, count) => {
    at = value;
    if (select.options.length !== count) {
      select.replaceChildren(
        ...Array.from({ length: count }, (_, i) => make("option", "", { value: i }, String(i))),
      );
    }
    if (select.value !== String(value)) select.value = String(value);
    less.disabled = value <= 0;
    more.disabled = value >= count - 1;
  };
}

/** Two or more buttons, one of them pressed. */
export function switcher<V extends string>(
  parent: Element,
  label: string,
  options: readonly Option<V>[],
  pick: (value: V) => void,
  signal: AbortSignal,
): (value: V) => void {
  const group = make("span", "aw-switch", { role: "group", "aria-label": label });
  const buttons = options.map((option) => {
    const element = button(option.label, null, () => pick(option.value), signal);
    setAttributes(element, { title: option.title ?? null });
    group.append(element);
    return { element, value: option.value };
  });
  parent.append(group);
  return (value) => {
    for (const { element, value: own } of buttons) {
      setAttributes(element, { "aria-pressed": String(own === value) });
    }
  };
}

/** A number from 0 to 1 that is dragged. */
export function slider(
  parent: Element,
  label: string,
  pick: (value: number) => void,
  signal: AbortSignal,
): { element: HTMLElement; update(value: number): void } {
  const input = make("input", "aw-slider", { type: "range", min: 0, max: 1, step: 0.01 });
  const output = make("output", "aw-slider-value");
  const element = make("label", "aw-field", {}, make("span", "aw-label", {}, label), input, output);
  parent.append(element);
  const send = eachFrame(() => pick(Number(input.value)), signal);
  listen(
    input,
    "input",
    () => {
      setText(output, Number(input.value).toFixed(2));
      send();
    },
    signal,
  );
  return {
    element,
    update(value) {
      if (Number(input.value) !== value) input.value = String(value);
      setText(output, value.toFixed(2));
    },
  };
}

export function button(
  text: string,
  name: string | null,
  press: () => void,
  signal: AbortSignal,
): HTMLButtonElement {
  const element = make(
    "button",
    "aw-button",
    { type: "button", "aria-label": name, title: name },
    text,
  );
  listen(element, "click", press, signal);
  return element;
}
