// A line of text for one token: Enter saves it, Escape puts back what was saved.
import { listen, make } from "../kit/dom.ts";
import { typedText } from "../kit/typed.ts";

export interface TokenField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** A token that is refused stays in the field, to be corrected. */
  update(value: string, enabled: boolean, error: string): void;
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
  const typed = typedText(input);
  listen(
    input,
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (!typed.differs()) return;
        typed.trying();
        save(input.value);
      } else if (event.key === "Escape") typed.undo();
    },
    signal,
  );
  return {
    element,
    input,
    update(value, enabled, error) {
      input.disabled = !enabled;
      typed.take(value, error, document.activeElement === input);
    },
  };
}
