// The motifs of one head with scores -> a list in which they are switched on and off, and pointed at.
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { headName } from "../pattern/pattern.ts";
import {
  AUTO,
  bitsOf,
  bitsText,
  chosen,
  isDrawable,
  isMeasuring,
  liftOf,
  liftText,
  type Motifs,
  scoreOf,
  scoreText,
  shapeOf,
  toggleAuto,
  toggleMotif,
} from "./motifs.ts";

export interface LegendProps {
  readonly motifs: Motifs | null;
  readonly overlays: readonly string[];
  readonly layer: number;
  readonly head: number;
  /** Nobody goes on measuring. */
  readonly final?: boolean;
}

export interface LegendEvents {
  overlays(names: string[]): void;
  /** The motif that is pointed at, by pointer or keyboard. */
  dim(name: string | null): void;
}

interface Row {
  readonly row: HTMLElement;
  readonly toggle: HTMLButtonElement;
  readonly score: HTMLElement;
  readonly lift: HTMLElement;
  readonly bits: HTMLElement;
}

function heading(text: string, title: string, also = ""): HTMLElement {
  return make("span", `aw-motif-number ${also}`, { "aria-hidden": "true", title }, text);
}

export function legendView(
  parent: Element,
  events: LegendEvents,
  signal: AbortSignal,
): (props: LegendProps) => void {
  const auto = make(
    "button",
    "aw-motif-auto",
    { type: "button" },
    make("span", "aw-check", { "aria-hidden": "true" }),
    "Auto",
  );
  const measuring = make("span", "aw-measuring", { role: "status" });
  const head = make(
    "div",
    "aw-legend-head",
    {},
    auto,
    measuring,
    heading("score", "Share of the attention"),
    heading("lift", "The score over that of uniform attention: it grows with the prompt's length"),
    heading("bits", "What knowing the motif tells about where a query looks", "aw-motif-bits"),
  );
  const list = make("div", "aw-legend-rows");
  const element = make("div", "aw-legend", { role: "group", hidden: true }, head, list);
  parent.append(element);

  let props: LegendProps | null = null;
  let rows: Row[] = [];
  let written = "";
  let pointed: string | null = null;

  listen(auto, "click", () => props && events.overlays(toggleAuto(props.overlays)), signal);

  function dim(name: string | null): void {
    if (name === pointed) return;
    pointed = name;
    events.dim(name);
  }

  const nameOf = (event: Event) =>
    (event.target as Element).closest<HTMLElement>(".aw-motif-row")?.dataset.motif ?? null;
  listen(list, "pointerover", (event) => dim(nameOf(event)), signal);
  listen(list, "pointerleave", () => dim(null), signal);
  // A click focuses too, but only the keyboard shows it: then the veil goes with the pointer.
  listen(
    list,
    "focusin",
    (event) => {
      if ((event.target as Element).matches(":focus-visible")) dim(nameOf(event));
    },
    signal,
  );
  listen(list, "focusout", () => dim(null), signal);
  listen(
    list,
    "click",
    (event) => {
      const name = nameOf(event);
      const motif = props?.motifs?.all.find((one) => one.name === name);
      if (!props?.motifs || !motif || !isDrawable(motif)) return;
      events.overlays(toggleMotif(props.motifs, props.overlays, props, motif.name));
    },
    signal,
  );
  listen(
    element,
    "keydown",
    (event) => {
      const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (!by) return;
      const stops = [auto, ...rows.map(({ toggle }) => toggle)];
      stops[stops.indexOf(event.target as HTMLButtonElement) + by]?.focus();
      event.preventDefault();
      event.stopPropagation();
    },
    signal,
  );

  /** Rows are made again only for other motifs, so that the focus stays where it is from prompt to prompt. */
  function write(motifs: Motifs): void {
    const now = JSON.stringify(
      motifs.all.map((motif) => [
        motif.name,
        motif.label,
        motif.color,
        motif.description,
        motif.source,
        isDrawable(motif),
      ]),
    );
    if (now === written) return;
    written = now;
    dim(null);
    rows = motifs.all.map((motif) => {
      const swatch = make("span", "aw-check", { "aria-hidden": "true" });
      const score = make("span", "aw-motif-number aw-motif-score");
      const lift = make("span", "aw-motif-number aw-motif-lift");
      const bits = make("span", "aw-motif-number aw-motif-bits");
      const name = make("span", "aw-motif-label", {}, motif.label);
      const toggle = make(
        "button",
        "aw-motif-toggle",
        {
          type: "button",
          title: [motif.description, motif.source && `Source: ${motif.source}`]
            .filter(Boolean)
            .join("\n\n"),
          "aria-disabled": isDrawable(motif) ? null : "true",
        },
        swatch,
        name,
        score,
        lift,
        bits,
      );
      const row = make("div", "aw-motif-row", { "data-motif": motif.name }, toggle);
      row.style.setProperty("--aw-motif", motif.color);
      return { row, toggle, score, lift, bits };
    });
    list.replaceChildren(...rows.map(({ row }) => row));
  }

  return (next) => {
    props = next;
    const { motifs, overlays } = next;
    element.hidden = motifs === null;
    if (!motifs) return dim(null);
    write(motifs);
    setAttributes(element, { "aria-label": `Motifs of ${headName(next.layer, next.head)}` });
    setAttributes(auto, {
      "aria-pressed": String(overlays.includes(AUTO)),
      title: `Show the motifs that each head has. ${motifs.rule}`,
    });
    const on = chosen(motifs, overlays, next);
    const wait = isMeasuring(motifs, next);
    const later = next.final ? "-" : "\u2026";
    setText(measuring, wait ? (next.final ? "not measured" : "measuring\u2026") : "");
    for (const [i, motif] of motifs.all.entries()) {
      const { row, toggle, score, lift, bits } = rows[i];
      const shown = on.includes(motif.name);
      const value = scoreOf(motifs, motif, next);
      const numbers = wait
        ? [later, later, later]
        : [
            scoreText(value),
            liftText(liftOf(motifs, motif, next)),
            bitsText(bitsOf(motifs, motif, next)),
          ];
      setText(score, numbers[0]);
      setText(lift, numbers[1]);
      setText(bits, numbers[2]);
      row.classList.toggle("aw-unmeasurable", Number.isNaN(value) && !wait);
      // Switched on, but this head has nothing of the kind.
      row.classList.toggle("aw-nowhere", shapeOf(motif, next) === null);
      setAttributes(toggle, {
        "aria-pressed": String(shown),
        "aria-label": wait
          ? `${motif.label}, ${next.final ? "not" : "being"} measured`
          : Number.isNaN(value)
            ? `${motif.label}, not measurable here`
            : `${motif.label}, score ${numbers[0]}, lift ${numbers[1]}, bits ${numbers[2]}`,
      });
    }
  };
}
