// HeadCard: the table it draws, what a click saves and tells, and how it is read with the keyboard.

import type { HeadCardTraits } from "../../../js/src/card/traits.ts";
import headCard from "../../../js/src/card/widget.ts";
import type { WireCard } from "../../../js/src/card/wire.ts";
import { decodeCard } from "../../../js/src/card/wire.ts";
import headGrid from "../../../js/src/grid/widget.ts";
import heatmap from "../../../js/src/heatmap/widget.ts";
import { tally } from "../../../js/src/host/model.ts";
import { FakeModel, gridTraits, heatmapTraits, settle } from "../support.ts";
import { cardTraits, row, SIDE, wireCard, wireText, wireWindow } from "./support.ts";

let page = new AbortController();
beforeEach(() => {
  page = new AbortController();
});
afterEach(() => page.abort());

function open(changes: Partial<HeadCardTraits> = {}, signal = page.signal) {
  const model = new FakeModel<HeadCardTraits>(cardTraits(changes));
  headCard.initialize({ model, signal: page.signal });
  const el = document.createElement("div");
  document.body.append(el);
  headCard.render({ model, el, signal });
  return { model, el };
}

const thumb = (el: Element, name: string, column: number) =>
  el.querySelector<HTMLElement>(`.aw-thumb[data-head="${name}"][data-column="${column}"]`)!;
const name = (el: Element, head: string) =>
  el.querySelector<HTMLElement>(`tr[data-head="${head}"] .aw-relative-name`)!;
const current = (el: Element) =>
  [...el.querySelectorAll("tr[aria-current]")].map((line) => (line as HTMLElement).dataset.head);

const noThumbs = {
  data: new DataView(new ArrayBuffer(0)),
  dtype: "uint8" as const,
  shape: [0, SIDE, SIDE],
  cells: [],
};

describe("the table", () => {
  it("has a row a relative, a column a prompt, and a name for every picture", () => {
    const { el } = open();
    const heads = [...el.querySelectorAll("thead th")].map((th) => th.textContent);
    expect(heads).toEqual(["Head", "the cat", "the d\u2026", "ids"]);
    const groups = [...el.querySelectorAll("tbody")].map((body) =>
      [...body.querySelectorAll("tr")].map((line) => line.dataset.head ?? line.textContent),
    );
    expect(groups).toEqual([
      ["This head", "L0H1"],
      ["Nearest", "L1H2"],
      ["Farthest", "L1H0"],
    ]);
    expect(el.querySelectorAll(".aw-thumb canvas").length).toBe(9);
    expect(thumb(el, "L1H2", 1).getAttribute("aria-label")).toBe("L1H2 on the d\u2026");
    expect(el.querySelector("caption")?.textContent).toContain("L0H1 and its relatives");
  });

  it("says what each is named by, how much of it there is over the prompts, and by which rule", () => {
    const color = "#d101b2";
    const motif = { label: "induction", color, score: "0.62 \u00b1 0.05", bits: "2.1 bits" };
    const rows = [row("L0H1", { relation: "self", motif }), row("L1H2", { motif: null })];
    const { el } = open({
      card: wireCard({ rows, columns: [], thumbs: noThumbs, rule: "By rule." }),
    });
    const line = (head: string) =>
      el.querySelector<HTMLElement>(`tr[data-head="${head}"] .aw-named`);
    expect(line("L0H1")?.textContent).toBe("induction0.62 \u00b1 0.05, 2.1 bits");
    expect(line("L0H1")?.title).toBe("induction: score 0.62 \u00b1 0.05, 2.1 bits. By rule.");
    expect(line("L1H2")).toBeNull();
  });

  it("says how far each is, as a share of the farthest, and its classes as text", () => {
    const { el } = open();
    const line = el.querySelector('tr[data-head="L1H2"]')!;
    expect(line.querySelector(".aw-far-text")?.textContent).toBe("0.25");
    expect(line.querySelector<HTMLElement>(".aw-far-bar span")?.style.width).toBe("25%");
    expect([...line.querySelectorAll(".aw-class")].map((chip) => chip.textContent)).toEqual([
      "induction",
      "<b>own</b>",
    ]);
    expect(el.querySelector('tr[data-head="L0H1"] .aw-far')).toBeNull();
  });

  it("is written again for another card, and waits for it meanwhile", async () => {
    const { model, el } = open();
    model.receive({ current: "L1H2" });
    await settle();
    expect(el.querySelector(".aw-waiting")).not.toBeNull();
    const rows = [row("L1H2", { relation: "self" })];
    const thumbs: WireCard["thumbs"] = {
      data: new Uint8Array(12),
      dtype: "uint8",
      shape: [3, SIDE, SIDE],
      cells: [SIDE, SIDE, SIDE],
    };
    const windows = {
      pictures: [wireWindow("L1H2", 0), wireWindow("L0H0", 0)],
      texts: [wireText(["the", " cat", " sat"])],
    };
    model.receive({ card: wireCard({ head: "L1H2", rows, thumbs }), beside: "L0H0", windows });
    await settle();
    expect(el.querySelector(".aw-waiting")).toBeNull();
    expect(el.querySelector(".aw-title")?.textContent).toBe("L1H2");
    expect(el.querySelectorAll(".aw-thumb").length).toBe(3);
  });

  it("says what is wrong with a card, and keeps the last one", async () => {
    const { model, el } = open();
    model.receive({ card: wireCard({ rows: [row("L0H0")] }) });
    await settle();
    expect(el.querySelector("[role=alert]")?.textContent).toContain(
      "thumbs has shape [9, 2, 2]; expected [3, 2, 2]",
    );
    expect(el.querySelectorAll(".aw-thumb").length).toBe(9);
    model.receive({ card: wireCard(), error: "out of memory" });
    await settle();
    expect(el.querySelector("[role=alert]")?.textContent).toBe("out of memory");
  });

  it("waits for the first card", async () => {
    const { model, el } = open({ card: {} });
    const empty = el.querySelector<HTMLElement>(".aw-empty")!;
    expect(empty.hidden).toBe(false);
    model.receive({ card: wireCard() });
    await settle();
    expect(empty.hidden).toBe(true);
  });

  it("leaves nothing behind", async () => {
    const before = tally().listeners;
    const view = new AbortController();
    const { model, el } = open({}, view.signal);
    view.abort();
    expect([el.childElementCount, tally().listeners]).toEqual([0, before]);
    page.abort();
    expect(model.listenerCount).toBe(0);
  });
});

describe("a picture", () => {
  it("is read from the middle of a larger buffer", () => {
    const bytes = new Uint8Array(100).fill(9);
    const thumbs = wireCard().thumbs;
    bytes.set(new Uint8Array((thumbs.data as DataView).buffer), 5);
    const data = new DataView(bytes.buffer, 5, 36);
    expect([...decodeCard(wireCard({ thumbs: { ...thumbs, data } }))!.codes.slice(0, 4)]).toEqual([
      255, 0, 0, 128,
    ]);
  });
});

describe("a click", () => {
  it("on a name makes that head the current one", () => {
    const { model, el } = open();
    name(el, "L1H2").click();
    expect(model.sent).toEqual([{ current: "L1H2", layer: 1, head: 2 }]);
  });

  it("on a picture saves its head and prompt in one message, and marks it", async () => {
    const { model, el } = open();
    thumb(el, "L1H0", 1).click();
    expect(model.sent).toEqual([{ layer: 1, head: 0, prompt: "the dog sat", beside: "L1H0" }]);
    await settle();
    expect(current(el)).toEqual(["L1H0"]);
    expect(thumb(el, "L1H0", 1).getAttribute("aria-current")).toBe("true");
    expect(thumb(el, "L1H0", 0).getAttribute("aria-current")).toBeNull();
  });

  it("opens the pattern in linked widgets, again too when they went elsewhere", async () => {
    const map = new FakeModel(heatmapTraits({ links: ["g"] }));
    heatmap.initialize({ model: map, signal: page.signal });
    const { model, el } = open({ links: ["g"] });
    // A heatmap that has waited long enough for a pattern asks for it, on a slow machine during this test.
    const chosen = () => map.sent.filter((sent) => !("shown" in sent));
    thumb(el, "L1H0", 1).click();
    await settle();
    expect(chosen()).toEqual([{ layer: 1, prompt: "the dog sat" }]);
    map.receive({ prompt: "the cat" });
    map.sent = [];
    thumb(el, "L1H0", 1).click();
    await settle();
    expect(chosen()).toEqual([{ prompt: "the dog sat" }]);
    expect(model.sent.length).toBe(1);
    thumb(el, "L1H2", 2).click();
    await settle();
    expect([map.get("prompt"), map.get("head")]).toEqual(["the dog sat", 2]);
  });
});

describe("linked", () => {
  it("it follows any head of its models with Python, and only those it shows without", async () => {
    const grid = new FakeModel(gridTraits({ links: ["g"] }));
    headGrid.initialize({ model: grid, signal: page.signal });
    const live = open({ links: ["g"] });
    const page_ = open({ links: ["g"], editable: false });
    const other = open({ links: ["g"], card: wireCard({ rows: [row("L0H1", { model: "b" })] }) });
    grid.receive({ layer: 0, head: 2 });
    await settle();
    const heads = [live, page_, other].map(({ model }) => [model.get("layer"), model.get("head")]);
    expect(heads).toEqual([
      [0, 2],
      [0, 1],
      [0, 1],
    ]);
    grid.receive({ layer: 1, head: 0 });
    await settle();
    expect(current(page_.el)).toEqual(["L1H0"]);
    expect(page_.model.get("current")).toBe("L0H1");
  });

  it("pointing at a row enlarges the head in the grid, and the other way round", async () => {
    const grid = new FakeModel(gridTraits({ links: ["g"] }));
    headGrid.initialize({ model: grid, signal: page.signal });
    const el = document.createElement("div");
    document.body.append(el);
    headGrid.render({ model: grid, el, signal: page.signal });
    const card = open({ links: ["g"] });
    const second = open({ links: ["g"] });
    await settle();
    thumb(card.el, "L1H2", 0).dispatchEvent(new Event("pointerover", { bubbles: true }));
    await settle();
    expect(el.querySelector(".aw-preview-name")?.textContent).toBe("L1H2");
    expect(second.el.querySelector<HTMLElement>(".aw-pointed")?.dataset.head).toBe("L1H2");
    expect(card.el.querySelector(".aw-pointed")).toBeNull();
    card.el.querySelector("table")!.dispatchEvent(new Event("pointerleave"));
    await settle();
    expect(el.querySelector(".aw-preview-name")?.textContent).toBe("L0H0");
    expect(second.el.querySelector(".aw-pointed")).toBeNull();
    expect(grid.sent).toEqual([]);
  });
});

it("is one stop for the tab key, and arrows go from cell to cell", () => {
  const { el, model } = open();
  const stops = () => [...el.querySelectorAll<HTMLElement>('table [tabindex="0"]')];
  const press = (key: string) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    document.activeElement!.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(stops()).toEqual([name(el, "L0H1")]);
  stops()[0].focus();
  press("ArrowDown");
  press("ArrowRight");
  press("ArrowRight");
  expect(document.activeElement).toBe(thumb(el, "L1H2", 1));
  expect(stops()).toEqual([thumb(el, "L1H2", 1)]);
  press("End");
  press("ArrowRight");
  press("ArrowDown");
  press("ArrowDown");
  expect(document.activeElement).toBe(thumb(el, "L1H0", 2));
  press("Home");
  expect(document.activeElement).toBe(name(el, "L1H0"));
  press("ArrowRight");
  for (const _ of el.querySelectorAll("tbody")) press("ArrowUp");
  expect(document.activeElement).toBe(el.querySelector(".aw-prompt-name"));
  press("ArrowLeft");
  expect(document.activeElement).toBe(el.querySelector(".aw-prompt-name"));
  press("ArrowDown");
  expect(document.activeElement).toBe(thumb(el, "L0H1", 0));
  expect(press("a")).toBe(false);
  expect(model.sent).toEqual([]);
});
