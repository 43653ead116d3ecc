// Heads that are selected -> their patterns side by side.
import { listen, make, setAttributes, setText } from "../kit/dom.ts";
import { type Ink, paintCanvas, type Thumbs } from "../pattern/thumbs.ts";

export interface GalleryProps {
  readonly names: readonly string[];
  /** null: not here yet */
  readonly thumbs: Thumbs | null;
  /** Which picture belongs to a name. */
  readonly pictures: readonly number[];
  /** How many heads are selected. */
  readonly total: number;
  readonly current: string;
  readonly ink: Ink;
}

export interface GalleryEvents {
  choose(name: string): void;
  point(name: string | null): void;
  clear(): void;
}

export function galleryView(
  parent: Element,
  events: GalleryEvents,
  signal: AbortSignal,
): (props: GalleryProps | null) => void {
  const caption = make("span", "aw-gallery-title");
  const clear = make("button", "aw-button", { type: "button" }, "Clear");
  const list = make("div", "aw-gallery-items");
  const element = make(
    "section",
    "aw-gallery",
    { "aria-label": "Selected heads", hidden: true },
    make("div", "aw-controls", {}, caption, clear),
    list,
  );
  parent.append(element);
  let last: GalleryProps | null = null;

  const nameOf = (event: Event) =>
    (event.target as Element).closest<HTMLElement>(".aw-gallery-item")?.dataset.head ?? null;
  listen(clear, "click", () => events.clear(), signal);
  listen(
    list,
    "click",
    (event) => {
      const name = nameOf(event);
      if (name !== null) events.choose(name);
    },
    signal,
  );
  listen(list, "pointerover", (event) => events.point(nameOf(event)), signal);
  listen(list, "pointerleave", () => events.point(null), signal);
  listen(list, "focusin", (event) => events.point(nameOf(event)), signal);
  listen(list, "focusout", () => events.point(null), signal);

  function write({ names, thumbs, pictures, ink }: GalleryProps): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.head;
    const items = names.map((name, i) => {
      const canvas = make("canvas", "aw-gallery-picture", { "aria-hidden": "true" });
      if (thumbs) paintCanvas(canvas, thumbs, pictures[i], ink);
      canvas.hidden = thumbs === null;
      return make(
        "button",
        "aw-gallery-item",
        { type: "button", "data-head": name },
        canvas,
        make("span", "", {}, name),
      );
    });
    const had = list.contains(document.activeElement);
    list.replaceChildren(...items);
    if (had) items.find(({ dataset }) => dataset.head === focused)?.focus({ preventScroll: true });
  }

  return (props) => {
    element.hidden = props === null;
    if (!props) {
      last = null;
      list.replaceChildren();
      return;
    }
    const { names, total, current } = props;
    const same =
      last?.thumbs === props.thumbs &&
      last.ink === props.ink &&
      JSON.stringify(last.names) === JSON.stringify(names);
    if (!same) write(props);
    last = props;
    setText(
      caption,
      names.length < total
        ? `${names.length} of ${total} selected heads`
        : `${total} selected heads`,
    );
    for (const item of list.children) {
      const here = (item as HTMLElement).dataset.head === current;
      setAttributes(item, { "aria-current": here ? "true" : null });
    }
  };
}
