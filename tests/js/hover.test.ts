// From a move of the pointer to the picture of it: one frame, in the widget it is in and in those linked with it.
import headCard from "../../js/src/card/widget.ts";
import freezePanel from "../../js/src/freeze/widget.ts";
import headGrid from "../../js/src/grid/widget.ts";
import heatmap from "../../js/src/heatmap/widget.ts";
import headScatter from "../../js/src/scatter/widget.ts";
import { cardTraits } from "./card/support.ts";
import { scatterTraits } from "./scatter/support.ts";
import {
  FakeModel,
  freezeTraits,
  gridTraits,
  handFrames,
  heatmapTraits,
  settle,
} from "./support.ts";

vi.mock("../../js/src/scatter/points_plot.ts", () => ({
  pointsPlot: () => ({ resize() {}, view() {}, style() {}, draw() {} }),
}));

let page: AbortController;
beforeEach(() => {
  page = new AbortController();
});
afterEach(() => {
  page.abort();
  vi.unstubAllGlobals();
});

type Widget<T> = Record<
  "initialize" | "render",
  (context: { model: FakeModel<T>; el: HTMLElement; signal: AbortSignal }) => unknown
>;

/** A view of a model in the group "g". */
function shown<T>(widget: Widget<T>, traits: T) {
  const model = new FakeModel<T>({ ...traits, links: ["g"] });
  const el = document.createElement("div");
  document.body.append(el);
  widget.initialize({ model, el, signal: page.signal });
  widget.render({ model, el, signal: page.signal });
  return { el, model };
}

/** Where a cell of a pattern, or a thumbnail of the grid, lies by what its canvas says. */
function middleOf(canvas: HTMLElement, row: number, column: number) {
  const { originX, originY, cell, stepX = cell, stepY = cell } = canvas.dataset;
  return {
    clientX: Number(originX) + column * Number(stepX) + Number(cell) / 2,
    clientY: Number(originY) + row * Number(stepY) + Number(cell) / 2,
  };
}

function move(target: Element, at: { clientX: number; clientY: number }): void {
  target.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerId: 1, ...at }));
}

/** How often the marks over a picture are drawn from now on. */
const marked = (el: Element) =>
  vi.spyOn(el.querySelector<HTMLCanvasElement>(".aw-overlay")!, "getContext").mock.calls;
const find = (el: Element, selector: string) => el.querySelector<HTMLElement>(selector)!;

test("a cell that is pointed at is marked and read out a frame later, in linked heatmaps and panels too", async () => {
  const own = shown(heatmap, heatmapTraits());
  const others = [shown(heatmap, heatmapTraits()), shown(freezePanel, freezeTraits())];
  await settle();
  const marks = [own, ...others].map(({ el }) => marked(el));
  const frame = handFrames();
  move(find(own.el, ".aw-plot"), middleOf(find(own.el, ".aw-heatmap-canvas"), 2, 1));
  frame();
  for (const { el } of [own, ...others]) {
    expect(find(el, ".aw-where").textContent).toBe("query 2, key 1");
  }
  expect(marks.map((calls) => calls.length > 0)).toEqual([true, true, true]);
  expect(find(own.el, ".aw-tip").hidden).toBe(false);
  expect(frame(), "the frame after it has nothing to do").toBe(0);
});

test("a head that is pointed at in the grid is marked there, in a linked grid, map and card in the same frame", async () => {
  const own = shown(headGrid, gridTraits());
  const grid = shown(headGrid, gridTraits());
  const map = shown(headScatter, scatterTraits());
  const card = shown(headCard, cardTraits());
  await settle();
  const marks = [own, grid, map].map(({ el }) => marked(el));
  const frame = handFrames();
  move(find(own.el, ".aw-sheet"), middleOf(find(own.el, ".aw-grid-canvas"), 1, 2));
  frame();
  expect(marks.map((calls) => calls.length)).toEqual([1, 1, 1]);
  expect(find(own.el, ".aw-preview-name").textContent).toBe("L1H2");
  expect(find(grid.el, ".aw-preview-name").textContent).toBe("L1H2");
  expect(find(card.el, "tr.aw-pointed").dataset.head).toBe("L1H2");
  expect(frame()).toBe(0);
});

test("a point of the map that is pointed at has its card and its ring a frame later", async () => {
  const map = shown(headScatter, scatterTraits());
  const grid = shown(headGrid, gridTraits());
  await settle();
  const canvas = find(map.el, ".aw-scatter-canvas");
  canvas.dispatchEvent(new CustomEvent("aw-locate", { detail: { index: 2 } }));
  const [clientX, clientY] = canvas.dataset.located!.split(",").map(Number);
  const marks = [map, grid].map(({ el }) => marked(el));
  const frame = handFrames();
  move(find(map.el, ".aw-scatter-stage"), { clientX, clientY });
  frame();
  expect(find(map.el, ".aw-hover-tip").dataset.head).toBe("L0H2");
  expect(find(grid.el, ".aw-preview-name").textContent).toBe("L0H2");
  expect(marks.map((calls) => calls.length)).toEqual([1, 1]);
  expect(frame()).toBe(0);
});

test("rows of a card that the pointer crosses within a frame are told once: the last of them", async () => {
  const card = shown(headCard, cardTraits());
  const grid = shown(headGrid, gridTraits());
  await settle();
  const marks = marked(grid.el);
  const frame = handFrames();
  const rows = [...card.el.querySelectorAll("tr[data-head]")];
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) row.dispatchEvent(new Event("pointerover", { bubbles: true }));
  expect(find(grid.el, ".aw-preview-name").textContent).toBe("L0H0");
  frame();
  expect(find(grid.el, ".aw-preview-name").textContent).toBe(
    (rows.at(-1) as HTMLElement).dataset.head,
  );
  expect(marks.length).toBe(1);
  expect(card.model.sent).toEqual([]);
});

test("two views of one map point at the same head", async () => {
  const map = shown(headScatter, scatterTraits());
  const el = document.createElement("div");
  document.body.append(el);
  headScatter.render({ model: map.model, el, signal: page.signal });
  await settle();
  const canvas = find(map.el, ".aw-scatter-canvas");
  canvas.dispatchEvent(new CustomEvent("aw-locate", { detail: { index: 2 } }));
  const [clientX, clientY] = canvas.dataset.located!.split(",").map(Number);
  const marks = marked(el);
  const frame = handFrames();
  move(find(map.el, ".aw-scatter-stage"), { clientX, clientY });
  frame();
  expect(marks.length).toBe(1);
});
