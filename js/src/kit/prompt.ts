// The prompt, where it can be edited -> a text field and a Run button.
import { button } from "./controls.ts";
import { listen, make, setAttributes } from "./dom.ts";

export interface PromptProps {
  readonly editable: boolean;
  readonly prompt: string;
  readonly busy: boolean;
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
  let sent = "";

  function submit(): void {
    if (field.value !== sent && field.value !== "") run(field.value);
  }
  const changed = () => {
    start.disabled = field.value === sent || field.value === "";
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
        field.value = sent;
        changed();
      }
    },
    signal,
  );
  return ({ editable, prompt, busy }) => {
    row.hidden = !editable;
    setAttributes(start, { "aria-busy": busy ? "true" : null });
    if (prompt !== sent) {
      // A prompt that arrives replaces the text, unless someone is in the middle of editing it.
      if (field.value === sent || field.value === "") field.value = prompt;
      sent = prompt;
    }
    changed();
  };
}
