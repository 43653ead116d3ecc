// Likely next tokens of the three runs -> bars; says which position, target and watched tokens are asked for.

import { choice } from "../kit/controls.ts";
import { listen, make } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";
import type { NextTokens, TokenRow } from "./results.ts";
import { section } from "./section.ts";
import { tokenField } from "./token_field.ts";
import { tokenTable } from "./token_rows.ts";

export interface NextTokensProps {
  readonly next: NextTokens | null;
  /** Of the edited prompt. */
  readonly tokens: readonly string[];
  readonly watched: readonly string[];
  /** "" is the baseline's most likely token. */
  readonly target: string;
  readonly frozen: boolean;
  readonly busy: boolean;
  readonly editable: boolean;
  readonly error: string;
}

export interface NextTokensEvents {
  watch(tokens: string[]): void;
  /** -1: the last one, however many there are. */
  position(position: number): void;
  target(token: string): void;
}

const LAST = -1;

export function nextTokensView(
  parent: Element,
  events: NextTokensEvents,
  signal: AbortSignal,
): (props: NextTokensProps) => void {
  const { bar, body, update } = section(parent, "aw-next", "Next token");
  /** The last token asked for. */
  let added = "";
  let props: NextTokensProps | null = null;
  /** Chosen here and not answered yet. */
  let asked: { position: number; before: NextTokens | null; begun: boolean } | null = null;

  const setPosition = choice<string>(
    bar,
    "Next token after",
    (value) => {
      asked = { position: Number(value), before: props?.next ?? null, begun: false };
      events.position(asked.position);
    },
    signal,
  );
  const setTable = tokenTable(body, { pick, remove }, signal);
  const adding = make("div", "aw-controls aw-adding");
  const field = tokenField(
    adding,
    {
      label: "Add a token",
      placeholder: "a token, Enter",
      title: "Spaces count: in most models a word within a sentence begins with one",
    },
    add,
    signal,
  );
  const typed = make("span", "aw-chip", { hidden: true, title: "The token as typed" });
  adding.append(typed);
  body.append(adding);
  const showTyped = () => {
    typed.hidden = field.input.value === "";
    typed.replaceChildren(...tokenNodes(field.input.value, 24));
  };
  listen(field.input, "input", showTyped, signal);

  function add(text: string): void {
    added = text;
    field.input.value = "";
    if (props && !props.watched.includes(text)) events.watch([...props.watched, text]);
    showTyped();
  }

  function remove(row: TokenRow): void {
    if (!props) return;
    added = "";
    events.watch(props.watched.filter((token) => !means(token, row.text, props!.watched)));
    field.input.focus();
  }

  /** A target that was chosen is let go by another click: the most likely token is the target again. */
  function pick(row: TokenRow): void {
    if (props) events.target(row.text === props.target ? "" : row.text);
  }

  return (next) => {
    props = next;
    const { next: found, tokens, target, frozen, busy, editable } = props;
    if (asked && busy) asked.begun = true;
    else if (asked?.begun || found !== asked?.before) asked = null;
    const last = tokens.length - 1;
    const position = asked?.position ?? found?.position ?? LAST;
    setPosition(
      String(position === last ? LAST : position),
      tokens.map((token, i) => ({
        value: String(i === last ? LAST : i),
        label: `${i}  ${plainToken(token, 24)}${i === last ? "  (last)" : ""}`,
      })),
      editable,
    );
    update(found ? "" : busy ? "Running the model\u2026" : "No predictions yet", busy);
    setTable({
      rows: found?.rows ?? [],
      target: targetOf(found?.rows ?? [], target),
      inEffect: frozen ? "frozen" : "live",
      editable,
    });
    adding.hidden = !editable;
    // A token that was refused comes back, to be corrected.
    const kept = added !== "" && props.error !== "" && !props.watched.includes(added);
    if (kept && field.input.value === "") field.input.value = added;
    if (kept) added = "";
    showTyped();
  };
}

/** Models spell a typed token their own way, so the nearest spelling counts where none is the same. */
function means(typed: string, text: string, all: readonly string[]): boolean {
  if (all.includes(text)) return typed === text;
  return typed.trim().toLowerCase() === text.trim().toLowerCase();
}

function targetOf(rows: readonly TokenRow[], target: string): number | null {
  if (target !== "") return rows.find(({ text }) => text === target)?.id ?? null;
  const likeliest = [...rows].sort((a, b) => b.baseline.probability - a.baseline.probability)[0];
  return likeliest?.id ?? null;
}
