// The baseline prompt and the edited one -> chips in which what was changed stands out, and where tokens are replaced.

import { button, switcher } from "../kit/controls.ts";
import { make, setAttributes } from "../kit/dom.ts";
import { promptEditor } from "../kit/prompt.ts";
import { type Chip, type ChipRow, chipRow } from "./chip_row.ts";
import { type Suggestions, type Token, tokenPopover } from "./token_popover.ts";

/** How patterns are held between prompts of different lengths; "": not at all. */
export type Align = "" | "left" | "right";

export interface TokenChipsProps {
  readonly baseline: {
    readonly text: string;
    readonly tokens: readonly string[];
    readonly ids: readonly number[];
  };
  /** The ids of the edited prompt, and its tokens, which may still be those of the run before. */
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  readonly prompt: string;
  /** The first token stands for the start of the text and is not replaced. */
  readonly bos: boolean;
  readonly align: Align;
  readonly suggestions: Suggestions | null;
  readonly error: string;
  readonly busy: boolean;
  readonly editable: boolean;
}

export interface TokenChipsEvents {
  ask(position: number, text: string): void;
  replace(position: number, id: number): void;
  reset(): void;
  run(prompt: string): void;
  align(align: Align): void;
}

export function tokenChips(
  parent: Element,
  events: TokenChipsEvents,
  signal: AbortSignal,
): (props: TokenChipsProps) => void {
  const section = make("div", "aw-chips");
  parent.append(section);
  const texts = new Map<number, string>();
  let props: TokenChipsProps | null = null;
  let opened: number | null = null;
  let asText = false;

  const head = make("div", "aw-chips-head", {}, make("span", "aw-chips-title", {}, "Prompt"));
  const hint = make("span", "aw-label", {}, "Click a token to replace it");
  const alignField = make(
    "span",
    "aw-field aw-chips-align",
    { title: "How patterns are held where the prompts have different numbers of tokens" },
    make("span", "aw-label", {}, "Align"),
  );
  const setAlign = switcher<Align>(
    alignField,
    "Align the prompts",
    [
      { value: "", label: "Off", title: "Hold patterns only between prompts of one length" },
      { value: "left", label: "Left", title: "The first tokens are paired" },
      { value: "right", label: "Right", title: "The last tokens are paired" },
    ],
    events.align,
    signal,
  );
  const reset = button("Reset", null, events.reset, signal);
  setAttributes(reset, { title: "Back to the baseline prompt" });
  const text = button("Edit as text", null, toggleText, signal);
  text.classList.add("aw-edit-text");
  head.append(hint, alignField, text, reset);
  section.append(head);

  const rows = make("div", "aw-chip-rows");
  section.append(rows);
  const baselineRow = chipRow(rows, () => {}, signal);
  const editedRow = chipRow(rows, pick, signal);
  const setPrompt = promptEditor(section, events.run, signal);
  const popover = tokenPopover(
    section,
    {
      ask: events.ask,
      choose: events.replace,
      moved(position) {
        opened = position;
        editedRow.mark(position);
      },
      left: (position) => editedRow.focus(position),
    },
    signal,
  );

  function toggleText(): void {
    asText = !asText;
    if (props) setPromptEditor(props);
    if (asText) section.querySelector<HTMLElement>(".aw-prompt-text")?.focus();
  }

  function setPromptEditor({ prompt, busy, editable, error }: TokenChipsProps): void {
    setAttributes(text, { "aria-expanded": String(asText) });
    setPrompt({ prompt, busy, error, editable: editable && asText });
  }

  function pick(position: number): void {
    const chip = editedRow.chip(position);
    if (!props || !chip) return;
    if (opened === position) popover.close();
    else popover.open(position, chip, before(props, position));
  }

  /** What the baseline has here, where the prompts can be compared and it is another token. */
  function before({ baseline, ids }: TokenChipsProps, position: number): Token | null {
    if (ids.length !== baseline.ids.length || ids[position] === baseline.ids[position]) return null;
    return { id: baseline.ids[position], text: baseline.tokens[position] };
  }

  /** Ids are new at once, tokens come with the run: a token seen before is written from memory. */
  function remember({ baseline, suggestions }: TokenChipsProps): void {
    for (const [i, id] of baseline.ids.entries()) texts.set(id, baseline.tokens[i]);
    for (const token of suggestions?.tokens ?? []) texts.set(token.id, token.text);
  }

  function setRows(now: TokenChipsProps): void {
    const { baseline, ids, tokens, bos, editable } = now;
    const paired = ids.length === baseline.ids.length;
    const pickable = (position: number) => editable && !(bos && position === 0);
    const edited = ids.map(
      (id, i): Chip => ({
        text: texts.get(id) ?? tokens[i] ?? "\u2026",
        before: before(now, i)?.text ?? null,
        pickable: pickable(i),
      }),
    );
    named(editedRow, paired ? "" : "Edited", "Edited prompt", edited);
    baselineRow.element.parentElement?.classList.toggle("aw-two-rows", !paired);
    baselineRow.element.hidden = paired;
    const plain = paired
      ? []
      : baseline.tokens.map((token): Chip => ({ text: token, before: null, pickable: false }));
    named(baselineRow, "Baseline", "Baseline prompt", plain);
  }

  return (next) => {
    props = next;
    const { baseline, ids, align, error, editable } = next;
    remember(next);
    setRows(next);
    popover.update(next.suggestions);
    const same = ids.length === baseline.ids.length && ids.every((id, i) => id === baseline.ids[i]);
    hint.hidden = !editable;
    reset.hidden = !editable;
    reset.disabled = same && error === "";
    text.hidden = !editable;
    const lengths = ids.length !== baseline.ids.length || align !== "" || /\balign/i.test(error);
    alignField.hidden = !editable || !lengths;
    setAlign(align);
    setPromptEditor(next);
  };
}

function named(row: ChipRow, shown: string, label: string, chips: readonly Chip[]): void {
  setAttributes(row.element, { "data-name": shown || null });
  row.update(label, chips);
}
