// Examples of a head -> strips of tokens, by decile, the strongest or by chance; one that is clicked opens elsewhere.
import { type Option, switcher } from "../kit/controls.ts";
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import type { Palette } from "../kit/names.ts";
import type { Theme } from "../kit/theme.ts";
import { ramp } from "../pattern/color.ts";
import { short } from "./numbers.ts";
import type { By, DossierEvents, DossierProps, Example, Opening } from "./props.ts";
import { section } from "./section.ts";
import { distance, readOut, spoken, stripOf } from "./strip.ts";

const WAYS: readonly Option<By>[] = [
  { value: "decile", label: "By decile", title: "Some of each tenth of its cells by weight" },
  { value: "top", label: "Strongest", title: "The heaviest of all" },
  { value: "random", label: "By chance", title: "A fair sample: what it does most of the time" },
];
const ORDINALS = ["", "1st", "2nd", "3rd"];

const ordinal = (decile: number) => ORDINALS[decile] ?? `${decile}th`;

export function examplesView(
  parent: Element,
  events: Pick<DossierEvents, "by" | "open">,
  announce: (text: string) => void,
  signal: AbortSignal,
): (props: DossierProps, theme: Theme) => void {
  const { element, bar, hint, body } = section("aw-examples", "Examples");
  parent.append(element);
  const setBy = switcher(bar, "How examples are chosen", WAYS, events.by, signal);
  let shown: readonly Example[] = [];
  let openable = false;
  let written: unknown[] = [];

  const itemOf = (target: EventTarget | null) =>
    (target as Element | null)?.closest<HTMLElement>(".aw-example") ?? null;
  const exampleOf = (item: HTMLElement | null) =>
    item ? shown[Number(item.dataset.index)] : undefined;

  function open(target: EventTarget | null): void {
    const example = exampleOf(itemOf(target));
    if (example && openable) events.open(example);
  }

  function point(event: Event): void {
    const item = itemOf(event.target);
    const example = exampleOf(item);
    if (!item || !example) return;
    const at = (event.target as HTMLElement).closest<HTMLElement>("[data-at]")?.dataset.at;
    const line = item.querySelector(".aw-example-distance")!;
    setText(line, at === undefined ? distance(example) : readOut(example, Number(at)));
  }

  /** Arrows walk from token to token where a strip has the focus. */
  function onKey(event: KeyboardEvent): void {
    const item = itemOf(event.target);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      if (!openable) return;
      open(item);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      const other = items()[Number(item.dataset.index) + by];
      if (!other) return;
      turnTo(other);
      other.focus();
    } else return;
    event.preventDefault();
  }

  const items = () => [...body.querySelectorAll<HTMLElement>(".aw-example")];

  /** One of them is reached with the tab key. */
  function turnTo(item: HTMLElement | undefined): void {
    for (const one of items()) one.tabIndex = one === item ? 0 : -1;
  }

  listen(body, "click", (event) => !String(getSelection() ?? "") && open(event.target), signal);
  listen(body, "keydown", onKey, signal);
  listen(body, "pointerover", point, signal);
  listen(body, "pointerout", (event) => leave(event.target), signal);
  listen(body, "focusin", (event) => turnTo(itemOf(event.target) ?? undefined), signal);

  function leave(target: EventTarget | null): void {
    const item = itemOf(target);
    const example = exampleOf(item);
    if (item && example) setText(item.querySelector(".aw-example-distance")!, distance(example));
  }

  function write(by: By, palette: Palette, theme: Theme): void {
    const focused = Number(itemOf(document.activeElement)?.dataset.index ?? -1);
    const held = body.contains(document.activeElement);
    const colors = ramp(palette, theme.dark);
    const lists: HTMLElement[] = [];
    let decile = -1;
    for (const [index, example] of shown.entries()) {
      if (!lists.length || (by === "decile" && example.decile !== decile)) {
        decile = example.decile;
        if (by === "decile") lists.push(heading(decile));
        lists.push(make("ul", "aw-example-list", { role: "list" }));
      }
      lists.at(-1)!.append(itemFor(example, index, by, colors));
    }
    if (!shown.length) lists.push(make("div", "aw-empty", {}, "No examples were kept."));
    body.replaceChildren(...lists);
    const kept = items()[focused];
    turnTo(kept ?? items()[0]);
    if (held) kept?.focus({ preventScroll: true });
  }

  function itemFor(example: Example, index: number, by: By, colors: Uint32Array): HTMLElement {
    const item = make("li", "aw-example", { tabindex: -1, "data-index": index });
    setAttributes(item, { "aria-label": spoken(example) });
    const about = make(
      "div",
      "aw-example-about",
      {},
      make("span", "aw-value", {}, short(example.weight)),
      make("span", "aw-example-distance", {}, distance(example)),
      make("span", "aw-example-kind", {}, example.kind),
    );
    if (by !== "decile")
      about.append(
        make(
          "span",
          "aw-hint",
          { title: "Which tenth of its cells" },
          `${ordinal(example.decile)} decile`,
        ),
      );
    item.append(about, stripOf(example, colors));
    return item;
  }

  /** What came of opening one, under it. */
  function tell(opening: Opening | null): void {
    for (const note of body.querySelectorAll(".aw-example-note")) note.remove();
    for (const item of items()) {
      const { passage, query, key } = shown[Number(item.dataset.index)];
      const here = opening?.passage === passage && opening.query === query && opening.key === key;
      setAttributes(item, { "aria-current": here ? "true" : null });
      if (here) item.append(make("div", "aw-example-note", {}, opening.text));
    }
  }

  let told: Opening | null = null;
  return ({ page, by, palette, openable: can, opening }, theme) => {
    setBy(by);
    if (!page) return;
    openable = can;
    element.classList.toggle("aw-openable", can);
    const now = [page.examples[by], palette, theme.dark];
    const other = now.some((value, i) => value !== written[i]);
    if (other) {
      written = now;
      shown = page.examples[by];
      write(by, palette, theme);
      const all = shown.every(({ weights }) => weights !== null);
      const painted = all
        ? "painted: all that it attends to"
        : "painted: the token it attends to most";
      setText(hint, `framed: the token that attends; ${painted}${can ? "; click to open" : ""}`);
    }
    if (other || opening !== told) tell(opening);
    if (opening && opening !== told) announce(opening.text);
    told = opening;
  };
}

function heading(decile: number): HTMLElement {
  const about = decile === 10 ? " (strongest)" : decile === 1 ? " (weakest)" : "";
  return make("h4", "aw-decile", {}, `${ordinal(decile)} decile${about}`);
}
