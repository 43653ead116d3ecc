// What is on show -> a PNG, a CSV, or a table on the clipboard, by one small menu; no kernel is asked.
import { button } from "./controls.ts";
import { context2d, listen, make, setText } from "./dom.ts";

/** The first row has the names of the columns; null: nothing. */
export type Table = readonly (readonly (string | number | null)[])[];

export interface Saved {
  /** Of the file, without its ending. */
  readonly name: string;
  /** Above the picture. */
  readonly title: string;
  /** Made when it is asked for; null where there is none. */
  table(): Table | null;
}

/** Longest side of a picture, in pixels. */
const MOST = 8000;
const MARGIN = 12;
const TITLE = 26;
/** How long it is said that something was copied. In ms. */
const SAID = 1500;

export function saveMenu(
  parent: Element,
  of: () => { readonly saved: Saved; readonly stage: HTMLElement } | null,
  signal: AbortSignal,
): void {
  const summary = make("summary", "aw-button", {}, "Save");
  const list = make("div", "aw-save-list", { role: "group", "aria-label": "Save what is on show" });
  const menu = make("details", "aw-save", {}, summary, list);
  parent.append(menu);
  const close = () => menu.removeAttribute("open");

  const item = (label: string, title: string, act: (saved: Saved, stage: HTMLElement) => void) =>
    list.append(
      button(
        label,
        title,
        () => {
          const now = of();
          if (now) act(now.saved, now.stage);
          if (menu.open) summary.focus();
          close();
        },
        signal,
      ),
    );
  item("PNG", "Download the picture", (saved, stage) => {
    pictureOf(stage, saved.title).toBlob((blob) => blob && download(blob, `${saved.name}.png`));
  });
  item("CSV", "Download the numbers", (saved) => {
    const table = saved.table();
    if (table) download(new Blob([csvOf(table)], { type: "text/csv" }), `${saved.name}.csv`);
  });
  item("Copy table", "Put the numbers on the clipboard", (saved) => {
    const table = saved.table();
    if (!table) return;
    copy(tabbed(table), menu);
    setText(summary, "Copied");
    setTimeout(() => setText(summary, "Save"), SAID);
  });
  listen(
    menu,
    "toggle",
    () => {
      const none = menu.open && !of()?.saved.table();
      for (const [i, one] of [...list.querySelectorAll("button")].entries()) {
        one.disabled = i > 0 && none;
      }
    },
    signal,
  );
  listen(
    menu,
    "keydown",
    (event) => {
      event.stopPropagation(); // notebooks have single-key shortcuts of their own
      if (event.key !== "Escape") return;
      close();
      summary.focus();
    },
    signal,
  );
  listen(
    menu,
    "focusout",
    ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget as Node)) close();
    },
    signal,
  );
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export function csvOf(table: Table): string {
  const line = (row: Table[number]) => row.map((cell) => quoted(String(cell ?? ""))).join(",");
  return `${table.map(line).join("\r\n")}\r\n`;
}

/** For spreadsheets: cells hold no tabs and no line breaks. */
export function tabbed(table: Table): string {
  const plain = (cell: string | number | null) =>
    String(cell ?? "")
      .replaceAll("\n", "\u23ce")
      .replaceAll("\t", "\u21e5");
  return table.map((row) => row.map(plain).join("\t")).join("\n");
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = make("a", "", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Also where a page has no access to the clipboard but what is selected can be copied. */
function copy(text: string, near: Element): void {
  const byHand = () => {
    const field = make("textarea", "aw-live", { "aria-hidden": "true" });
    field.value = text;
    near.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };
  if (navigator.clipboard?.writeText) navigator.clipboard.writeText(text).catch(byHand);
  else byHand();
}

/** All canvases and all text of an element where they stand, under a title. */
export function pictureOf(stage: HTMLElement, title: string): HTMLCanvasElement {
  const { left, top, width, height } = stage.getBoundingClientRect();
  const wanted = Math.max(2, globalThis.devicePixelRatio || 1);
  const ratio = Math.min(wanted, MOST / Math.max(width, height + TITLE));
  const picture = make("canvas", "");
  picture.width = Math.round((width + 2 * MARGIN) * ratio);
  picture.height = Math.round((height + 2 * MARGIN + TITLE) * ratio);
  const context = context2d(picture);
  context.scale(ratio, ratio);
  const root = getComputedStyle(stage);
  context.fillStyle = root.getPropertyValue("--aw-background").trim() || "#fff";
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = root.color;
  context.textBaseline = "middle";
  context.font = `600 14px ${root.fontFamily}`;
  context.fillText(title, MARGIN, MARGIN + 7);
  context.translate(MARGIN - left, MARGIN + TITLE - top);
  context.imageSmoothingEnabled = false;
  for (const canvas of stage.querySelectorAll("canvas")) {
    const box = canvas.getBoundingClientRect();
    if (box.width && canvas.width)
      context.drawImage(canvas, box.left, box.top, box.width, box.height);
  }
  for (const swatch of stage.querySelectorAll(".aw-swatch,.aw-check")) {
    const { left, top, width, height } = swatch.getBoundingClientRect();
    const { borderTopColor, borderTopWidth, backgroundColor } = getComputedStyle(swatch);
    context.fillStyle = Number.parseFloat(borderTopWidth) ? borderTopColor : backgroundColor;
    context.fillRect(left, top, width, height);
  }
  writeText(context, stage);
  return picture;
}

/** Text that can be seen, but for that of what is only pressed. */
function writeText(context: CanvasRenderingContext2D, stage: HTMLElement): void {
  const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      !element?.checkVisibility?.() ||
      element.closest("select,textarea,.aw-live,.aw-zoom,.aw-save")
    )
      continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 2) continue;
    const style = getComputedStyle(element);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.fillStyle = style.color;
    context.fillText((node.textContent ?? "").trim(), box.left, box.top + box.height / 2);
  }
}
