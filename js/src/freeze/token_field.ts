// A line of text for one token: Enter saves it, Escape puts back what was saved.
import { listen, make } from "../kit/dom.ts";

export interface TokenField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  update(value: string, enabled: boolean): void;
}

export function tokenField(
  parent: Element,
  words: { readonly label: string; readonly placeholder: string; readonly title: string },
  save: (text: string) => void,
  signal: AbortSignal,
): TokenField {
  const input = make("input", "aw-text", {
    type: "text",
    size: 11,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: words.placeholder,
    title: words.title,
  });
  const label = make("span", "aw-label", {}, words.label);
  const element = make("label", "aw-field", {}, label, input);
  parent.append(element);
  let saved = "";
  listen(
    input,
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (input.value !== saved) save(input.value);
      } else if (event.key === "Escape") input.value = saved;
    },
    signal,
  );
  return {
    element,
    input,
    update(value, enabled) {
      input.disabled = !enabled;
      if (value === saved) return;
      // What arrives replaces the text, unless someone is in the middle of editing it.
      if (input.value === saved || document.activeElement !== input || input.value === "") {
        input.value = value;
      }
      saved = value;
    },
  };
}
