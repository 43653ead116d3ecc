// The prompt, where it can be edited -> a text field and a Run button.
import { button } from "./controls.ts";
import { listen, make, setAttributes } from "./dom.ts";
import { typedText } from "./typed.ts";

export interface PromptProps {
  readonly editable: boolean;
  readonly prompt: string;
  readonly busy: boolean;
  /** A prompt that is refused stays in the field, to be corrected. */
  readonly error: string;
}

export function promptEditor(
  parent: Element,
  run: (prompt: string) => void,
  signal: AbortSignal,
): (props: PromptProps) => void {
  const field = make("textarea", "aw-prompt-text", {
    rows: 1,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": "Prompt",
    title: "Enter runs the prompt; Shift+Enter starts a new line",
  });
  const start = button("Run", null, submit, signal);
  start.classList.add("aw-primary");
  const row = make("div", "aw-prompt", {}, field, start);
  parent.append(row);
  const typed = typedText(field);

  function submit(): void {
    if (!typed.differs() || field.value === "") return;
    typed.trying();
    run(field.value);
  }
  const changed = () => {
    start.disabled = !typed.differs() || field.value === "";
    const lines = Math.max(field.value.split("\n").length, Math.ceil(field.value.length / 90));
    field.rows = Math.min(4, lines);
  };
  listen(field, "input", changed, signal);
  listen(
    field,
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        submit();
      } else if (event.key === "Escape") {
        typed.undo();
        changed();
      }
    },
    signal,
  );
  return ({ editable, prompt, busy, error }) => {
    row.hidden = !editable;
    setAttributes(start, { "aria-busy": busy ? "true" : null });
    typed.take(prompt, error);
    changed();
  };
}
