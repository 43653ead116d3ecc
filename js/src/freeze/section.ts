// The frame of one output: a line of words on top, its pictures, or a quiet word while there are none.
import { make, setAttributes, setText } from "../kit/dom.ts";
import { plainToken, tokenNodes } from "../kit/token.ts";

export interface Section {
  readonly element: HTMLElement;
  readonly bar: HTMLElement;
  readonly body: HTMLElement;
  /** `missing`: said in place of the body; "" shows the body. */
  update(missing: string, busy: boolean): void;
}

export function section(parent: Element, className: string, label: string): Section {
  const bar = make("div", "aw-controls aw-output-bar");
  const body = make("div", "aw-output-body");
  const quiet = make("div", "aw-quiet");
  const element = make("section", `aw-output ${className}`, { "aria-label": label });
  element.append(bar, body, quiet);
  parent.append(element);
  return {
    element,
    bar,
    body,
    update(missing, busy) {
      setAttributes(element, { "aria-busy": String(busy) });
      body.hidden = missing !== "";
      quiet.hidden = missing === "";
      setText(quiet, missing);
    },
  };
}

function tokenChip(text: string, most = 24): HTMLElement {
  const title = text.length > most ? plainToken(text, 400) : null;
  return make("span", "aw-chip", { title }, ...tokenNodes(text, most));
}

/** What is measured, in a heading or a sentence: the logit of one token, or of one less another. */
export function logitOf(target: string, versus: string | null): Node[] {
  if (versus === null) return [new Text("the logit of "), tokenChip(target)];
  return [
    new Text("the logit difference "),
    tokenChip(target),
    new Text(" \u2212 "),
    tokenChip(versus),
  ];
}
