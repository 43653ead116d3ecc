// HeadScatter over a made-up model. Only the painting by WebGL is replaced: this page has none.

import type { Painted } from "../../../js/src/scatter/drawing_order.ts";
import type { PointStyle } from "../../../js/src/scatter/points_plot.ts";
import type { HeadScatterTraits } from "../../../js/src/scatter/traits.ts";
import { FakeModel, settle } from "../support.ts";
import {
  categories,
  numbers,
  open,
  patternTraits,
  pictures,
  scatterTraits,
  wire,
} from "./support.ts";

const plot = vi.hoisted(() => ({
  missing: false,
  draws: [] as { points: Painted; selected: readonly number[] }[],
  styles: [] as PointStyle[],
}));

vi.mock("../../../js/src/scatter/points_plot.ts", () => ({
  pointsPlot: (_canvas: unknown, _spare: unknown, events: { drawn(): void }) => {
    if (plot.missing) throw new Error("no WebGL");
    return {
      resize() {},
      view() {},
      style: (style: PointStyle) => plot.styles.push(style),
      draw(points: Painted, selected: readonly number[]) {
        plot.draws.push({ points, selected });
        events.drawn();
      },
    };
  },
}));

beforeEach(() => {
  plot.missing = false;
  plot.draws.length = 0;
  plot.styles.length = 0;
});

let closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers) close();
  closers = [];
});

async function shown(changes: Partial<HeadScatterTraits> = {}, traits = scatterTraits) {
  const model = new FakeModel<HeadScatterTraits>(traits(changes));
  const opened = open(model);
  closers.push(opened.close);
  await settle();
  return { model, ...opened };
}

const find = <E extends HTMLElement>(el: Element, selector: string) =>
  el.querySelector<E>(selector)!;
const stageOf = (el: Element) => find(el, ".aw-scatter-stage");
const canvasOf = (el: Element) => find<HTMLCanvasElement>(el, ".aw-scatter-canvas");

function locate(el: Element, index: number): [number, number] {
  canvasOf(el).dispatchEvent(new CustomEvent("aw-locate", { detail: { index } }));
  const located = canvasOf(el).dataset.located ?? "";
  return located.split(",").map(Number) as [number, number];
}

function pointer(el: Element, type: string, [x, y]: readonly [number, number], init = {}) {
  const event = new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, ...init });
  Object.defineProperty(event, "pointerId", { value: 1 });
  stageOf(el).dispatchEvent(event);
}

function click(el: Element, index: number, init = {}) {
  const at = locate(el, index);
  pointer(el, "pointerdown", at, init);
  pointer(el, "pointerup", at, init);
}

function lasso(el: Element, line: readonly (readonly [number, number])[], init = {}) {
  stageOf(el).setPointerCapture = () => {};
  pointer(el, "pointerdown", line[0], init);
  for (const at of line.slice(1)) pointer(el, "pointermove", at, init);
  pointer(el, "pointerup", line[line.length - 1], init);
}

const press = (target: Element, key: string, init = {}) =>
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }),
  );

const search = (el: Element, text: string) => {
  const field = find<HTMLInputElement>(el, ".aw-scatter-search");
  field.value = text;
  field.dispatchEvent(new Event("input"));
  return field;
};
/** Choose an option of one of the toolbar's fields with the mouse. */
function pick(el: Element, label: string, value: string) {
  const field = find<HTMLInputElement>(el, `.aw-picker-field[aria-label="${label}"]`);
  field.dispatchEvent(new Event("focus"));
  find(field.parentElement!, `[data-value="${value}"]`).click();
}
const options = (el: Element) =>
  [...el.querySelectorAll<HTMLElement>(".aw-scatter-option")].map(({ dataset }) => dataset.head);

/** Around everything left of the middle: the heads 0, 1 and 2. */
const left = (el: Element): [number, number][] => {
  const [x0, y] = locate(el, 0);
  const [x3] = locate(el, 3);
  const edge = (locate(el, 2)[0] + x3) / 2;
  return [
    [x0 - 5, y - 20],
    [edge, y - 20],
    [edge, y + 20],
    [x0 - 5, y + 20],
  ];
};

describe("points", () => {
  test("each head is painted in its group's colour, and the canvas says when it is ready", async () => {
    const { el } = await shown();
    expect(canvasOf(el).dataset).toMatchObject({ points: "6", ready: "true", visible: "6" });
    expect(plot.styles.at(-1)?.colors.slice(0, 2)).toEqual(["#ff0000", "#0000ff"]);
    const { order, color } = plot.draws.at(-1)!.points;
    expect([...order]).toEqual([5, 0, 1, 2, 3, 4]);
    expect([...color]).toEqual([2, 0, 0, 1, 1, 1]);
  });

  test("a group is switched off in the legend and back on", async () => {
    const { el, model } = await shown();
    find(el, '[data-legend-value="Stripe"]').click();
    await settle();
    expect(model.get("hidden")).toEqual(["Stripe"]);
    expect([...plot.draws.at(-1)!.points.order]).toEqual([5, 2, 3, 4]);
    expect(find(el, '[data-legend-value="Stripe"]').getAttribute("aria-pressed")).toBe("false");
    expect(canvasOf(el).dataset.visible).toBe("4");
    expect(locate(el, 0)).toEqual([0]);
    find(el, '[data-legend-value="Stripe"]').click();
    await settle();
    expect(model.get("hidden")).toEqual([]);
  });

  test("Shift and click leaves one group alone", async () => {
    const { el, model } = await shown();
    find(el, '[data-legend-value="Sink"]').dispatchEvent(
      new MouseEvent("click", { bubbles: true, shiftKey: true }),
    );
    expect(model.get("hidden")).toEqual(["Stripe", ""]);
  });

  test("another column shows what was switched off in the first", async () => {
    const { el, model } = await shown({ hidden: ["Stripe"] });
    pick(el, "Colour by", "layer");
    expect(model.sent.at(-1)).toEqual({ color_by: "layer", hidden: [] });
    await settle();
    expect(find(el, ".aw-scatter-groups").hidden).toBe(true);
    expect(find(el, ".aw-bar").getAttribute("aria-label")).toContain("Layer");
  });

  test("what cannot be read is said, and the old points stay", async () => {
    const { el, model } = await shown();
    model.receive({ points: wire("float32", [5, 2], Array(10).fill(0)) });
    await settle();
    expect(find(el, ".aw-error").textContent).toContain("shape [5, 2]; expected [6, 2]");
    expect(canvasOf(el).dataset.points).toBe("6");
  });

  test("while Python computes, the points stay", async () => {
    const { el, model } = await shown();
    const before = plot.draws.length;
    model.receive({ busy: true, progress: 0.5 });
    await settle();
    expect(find(el, ".aw-scatter-field").hidden).toBe(false);
    expect(plot.draws.length).toBe(before);
    expect(find(el, ".aw-progress").classList.contains("aw-on")).toBe(true);
  });
});

describe("pointer", () => {
  test("a click makes a head the current one and selects it, in one message", async () => {
    const { el, model } = await shown();
    click(el, 4);
    expect(model.sent).toEqual([{ layer: 1, head: 1, selection: ["L1H1"] }]);
    await settle();
    expect(find(el, ".aw-title").textContent).toBe("L1H1");
  });

  test("Ctrl and a click take a head in and out and leave the current one", async () => {
    const { el, model } = await shown({ selection: ["L0H0"] });
    click(el, 4, { ctrlKey: true });
    expect(model.sent).toEqual([{ selection: ["L0H0", "L1H1"] }]);
    await settle();
    click(el, 0, { ctrlKey: true });
    expect(model.get("selection")).toEqual(["L1H1"]);
  });

  test("Shift and a drag select what they surround; the others fade", async () => {
    const { el, model } = await shown();
    lasso(el, left(el), { shiftKey: true });
    expect(model.get("selection")).toEqual(["L0H0", "L0H1", "L0H2"]);
    await settle();
    const { points, selected } = plot.draws.at(-1)!;
    expect(selected.map((at) => points.order[at])).toEqual([0, 1, 2]);
  });

  test("so does a plain drag with the lasso switched on; with Ctrl it adds", async () => {
    const { el, model } = await shown({ selection: ["L1H2"] });
    [...el.querySelectorAll("button")].find(({ textContent }) => textContent === "Lasso")!.click();
    lasso(el, left(el), { ctrlKey: true });
    expect(model.get("selection")).toEqual(["L1H2", "L0H0", "L0H1", "L0H2"]);
  });

  test("what is switched off is not lassoed", async () => {
    const { el, model } = await shown({ hidden: ["Stripe"] });
    const at = locate(el, 2);
    const [x, y] = at;
    lasso(
      el,
      [
        [0, 0],
        [x + 5, 0],
        [x + 5, y + 50],
        [0, y + 50],
      ],
      { shiftKey: true },
    );
    expect(model.get("selection")).toEqual(["L0H2"]);
  });

  /** Longer than the pointer must rest. */
  const rest = () => new Promise((done) => setTimeout(done, 200));

  test("pointing shows the card, and Python hears nothing that it does not observe", async () => {
    const { el, model } = await shown();
    const at = locate(el, 2);
    pointer(el, "pointermove", locate(el, 1));
    pointer(el, "pointermove", at);
    pointer(el, "pointermove", [at[0] + 1, at[1]]);
    await settle();
    const card = find(el, ".aw-hover-tip");
    expect(card.hidden).toBe(false);
    expect(card.dataset.head).toBe("L0H2");
    expect(card.textContent).toContain("Sink score0.70");
    pointer(el, "pointerleave", at);
    await settle();
    expect(card.hidden).toBe(true);
    await rest();
    expect(model.sent).toEqual([]);
  });

  test("where heads are compared between words, the card of a head says so", async () => {
    const said = async (unit: "token" | "word") => {
      const { el } = await shown({
        map_info: { ...scatterTraits().map_info, unit } as HeadScatterTraits["map_info"],
      });
      pointer(el, "pointermove", locate(el, 1));
      await settle();
      return find(el, ".aw-hover-head").textContent;
    };
    expect(await said("word")).toContain("between words");
    expect(await said("token")).not.toContain("between");
  });

  test("an observed head is sent once the pointer rests on it, and so is that it left", async () => {
    const { el, model } = await shown({ hover_observed: true });
    for (const index of [0, 1, 2]) {
      pointer(el, "pointermove", locate(el, index));
      await settle();
    }
    expect(model.sent).toEqual([]);
    await rest();
    expect(model.sent).toEqual([{ hovered: "L0H2" }]);
    pointer(el, "pointerleave", locate(el, 2));
    await settle();
    await rest();
    expect(model.sent).toEqual([{ hovered: "L0H2" }, { hovered: null }]);
  });

  test("who begins to observe while the pointer rests hears where it is", async () => {
    const { el, model } = await shown();
    pointer(el, "pointermove", locate(el, 2));
    await settle();
    model.receive({ hover_observed: true });
    await settle();
    expect(model.sent).toEqual([{ hovered: "L0H2" }]);
  });

  test("observing alone sends nothing, and leaves alone what Python pointed at", async () => {
    const { model } = await shown({ hovered: "L1H1" });
    model.receive({ hover_observed: true });
    await rest();
    expect(model.sent).toEqual([]);
    expect(model.get("hovered")).toBe("L1H1");
  });

  test("a head that is pointed at elsewhere shows no card", async () => {
    const { el, model } = await shown();
    model.receive({ hovered: "L1H1" });
    await settle();
    expect(find(el, ".aw-hover-tip").hidden).toBe(true);
    expect(model.sent).toEqual([]);
  });

  test("a pattern that is not here is asked for after a rest, but not without a kernel", async () => {
    const rest = () => new Promise((done) => setTimeout(done, 130));
    const { el, model } = await shown({}, patternTraits);
    pointer(el, "pointermove", locate(el, 8));
    await settle();
    expect(find(el, ".aw-hover-prompt").textContent).toBe("the dog");
    await rest();
    expect(model.get("asked")).toEqual({ index: 8 });
    model.receive({ thumb: { index: 8, thumb: pictures([1, 2, 2], [9, 9, 9, 9]) } });
    await settle();
    expect(find(el, ".aw-hover-tip").textContent).not.toContain("On the first prompt");

    const page = await shown({ editable: false }, patternTraits);
    pointer(page.el, "pointermove", locate(page.el, 8));
    await settle();
    await rest();
    expect(page.model.get("asked")).toEqual({});
  });
});

describe("keyboard", () => {
  test("arrows step through heads and layers", async () => {
    const { el, model } = await shown();
    press(stageOf(el), "ArrowRight");
    expect(model.sent.at(-1)).toMatchObject({ head: 1, selection: ["L0H1"] });
    await settle();
    press(stageOf(el), "ArrowDown");
    expect([model.get("layer"), model.get("head")]).toEqual([1, 1]);
    await settle();
    expect(stageOf(el).getAttribute("aria-label")).toBe("Map of 6 heads; L1H1 selected");
    const words = find(el, `#${stageOf(el).getAttribute("aria-describedby")}`).textContent;
    expect(words).toContain("Enter or Space: select the head or leave it out; Escape: select none");
    expect(stageOf(el).getAttribute("aria-keyshortcuts")).toContain("Shift+ArrowUp");
  });

  test("Enter takes the current head in and out; Escape clears, and leaves the key where nothing is", async () => {
    const { el, model } = await shown({ selection: ["L1H2"] });
    press(stageOf(el), "Enter");
    expect(model.get("selection")).toEqual(["L1H2", "L0H0"]);
    await settle();
    expect(press(stageOf(el), "Escape")).toBe(false);
    await settle();
    expect(model.get("selection")).toEqual([]);
    expect(press(stageOf(el), "Escape")).toBe(true);
  });

  test("the search offers heads, and Enter goes to the marked one", async () => {
    const { el, model } = await shown({ hover_observed: true });
    const field = search(el, "l1");
    expect(options(el)).toEqual(["L1H0", "L1H1", "L1H2"]);
    await new Promise((done) => setTimeout(done, 200));
    expect(model.get("hovered")).toBe("L1H0");
    press(field, "ArrowDown");
    expect(field.getAttribute("aria-activedescendant")).toBe(find(el, '[aria-selected="true"]').id);
    press(field, "Enter");
    expect([model.get("layer"), model.get("head"), model.get("selection")]).toEqual([
      1,
      1,
      ["L1H1"],
    ]);
    expect(field.value).toBe("");
    expect(find(el, ".aw-scatter-options").hidden).toBe(true);
    expect(document.activeElement).toBe(stageOf(el));
  });

  test("a click on an offer goes to it, with Ctrl it adds it", async () => {
    const { el, model } = await shown({ selection: ["L0H0"] });
    const offers = () => [...el.querySelectorAll<HTMLElement>(".aw-scatter-option")];
    search(el, "l1");
    offers()[2].dispatchEvent(new MouseEvent("click", { bubbles: true, ctrlKey: true }));
    expect(model.get("selection")).toEqual(["L0H0", "L1H2"]);
    search(el, "l1");
    offers()[1].click();
    expect([model.get("layer"), model.get("head"), model.get("selection")]).toEqual([
      1,
      1,
      ["L1H1"],
    ]);
  });

  test("Ctrl and Enter add the head; a name that is not there is marked", async () => {
    const { el, model } = await shown({ selection: ["L0H0"] });
    press(search(el, "l1h2"), "Enter", { ctrlKey: true });
    expect(model.get("selection")).toEqual(["L0H0", "L1H2"]);
    expect(search(el, "zzz").classList.contains("aw-unknown-name")).toBe(true);
  });
});

describe("gallery", () => {
  test("several selected heads are shown below; a click goes to one and keeps the selection", async () => {
    const { el, model } = await shown({ selection: ["L0H1", "L1H2"] });
    const items = [...el.querySelectorAll<HTMLElement>(".aw-gallery-item")];
    expect(items.map(({ dataset }) => dataset.head)).toEqual(["L0H1", "L1H2"]);
    items[1].click();
    expect(model.sent).toEqual([{ layer: 1, head: 2 }]);
    await settle();
    expect(items[1].getAttribute("aria-current")).toBe("true");
    expect(model.get("selection")).toHaveLength(2);
  });

  test("one head needs none, and Clear closes it", async () => {
    const { el, model } = await shown({ selection: ["L0H1", "L1H2"] });
    find(el, ".aw-gallery .aw-button").click();
    expect(model.get("selection")).toEqual([]);
    model.receive({ selection: ["L0H1"] });
    await settle();
    expect(find(el, ".aw-gallery").hidden).toBe(true);
  });
});

describe("life", () => {
  test("without WebGL a message says so, and search and legend go on working", async () => {
    plot.missing = true;
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { el, model } = await shown();
    expect(find(el, ".aw-scatter-message").hidden).toBe(false);
    expect(find(el, ".aw-scatter-message").textContent).toContain("WebGL");
    press(search(el, "l1h2"), "Enter");
    expect(model.get("selection")).toEqual(["L1H2"]);
    find(el, '[data-legend-value="Sink"]').click();
    expect(model.get("hidden")).toEqual(["Sink"]);
  });

  test("two views of one model follow each other, and a closed one leaves nothing behind", async () => {
    const { el, model, close } = await shown();
    const second = open(model);
    await settle();
    expect(globalThis.__attn_widgets__?.views).toBe(2);
    click(el, 3);
    await settle();
    expect(find(second.el, ".aw-title").textContent).toBe("L1H0");
    close();
    expect(el.childElementCount).toBe(0);
    click(second.el, 1);
    await settle();
    expect(find(second.el, ".aw-title").textContent).toBe("L0H1");
    second.close();
    expect(globalThis.__attn_widgets__).toMatchObject({ views: 0, listeners: 0 });
    expect(model.listenerCount).toBe(0);
  });

  test("before the first map it waits", async () => {
    const { el } = await shown({ map_info: {} as never });
    expect(find(el, ".aw-empty").hidden).toBe(false);
    expect(find(el, ".aw-scatter-field").hidden).toBe(true);
  });
});

describe("axes", () => {
  const on = (changes: Partial<HeadScatterTraits> = {}) =>
    shown({ x: "layer", y: "sink", ...changes });

  test("any column of numbers is an axis, and a larger value lies further along it", async () => {
    const { el } = await on();
    const at = [0, 1, 2, 3, 4, 5].map((i) => locate(el, i));
    expect(at[0][0]).toBeCloseTo(at[2][0], 1);
    expect(at[3][0]).toBeGreaterThan(at[0][0] + 50);
    const heights = [0.1, 0.2, 0.7, 0.8, 0.9, 0.4];
    const order = [...heights.keys()].sort((a, b) => heights[a] - heights[b]);
    const ys = order.map((i) => at[i][1]);
    expect(ys).toEqual([...ys].sort((a, b) => b - a));
    expect(stageOf(el).getAttribute("aria-label")).toContain("Sink score against Layer");
  });

  test("a head without a value on an axis is counted and not drawn", async () => {
    const { el } = await on({ y: "stripe" });
    expect(canvasOf(el).dataset).toMatchObject({ points: "6", visible: "5" });
    expect(canvasOf(el).dataset.located ?? "").toBe("");
    canvasOf(el).dispatchEvent(new CustomEvent("aw-locate", { detail: { index: 3 } }));
    expect(canvasOf(el).dataset.located).toBe("");
    expect(find(el, ".aw-shown-count").textContent).toBe(
      "6 heads; 1 without a value of Layer or Stripe score",
    );
  });

  test("an axis is chosen by what is typed", async () => {
    const { el, model } = await shown();
    const field = find<HTMLInputElement>(el, '.aw-picker-field[aria-label="Up"]');
    expect(field.value).toBe("PCA 2");
    field.dispatchEvent(new Event("focus"));
    const list = field.parentElement!;
    expect(list.querySelectorAll("[role=option]").length).toBe(6);
    field.value = "score si";
    field.dispatchEvent(new Event("input"));
    expect([...list.querySelectorAll("[role=option]")].map((one) => one.textContent)).toEqual([
      "Sink score",
    ]);
    press(field, "Enter");
    expect(model.sent.at(-1)).toEqual({ y: "sink" });
    await settle();
    expect(field.value).toBe("Sink score");
    press(field, "ArrowDown");
    expect(list.querySelectorAll("[role=option]").length).toBe(6);
    expect(list.querySelector('[aria-selected="true"]')?.textContent).toBe("Sink score");
    press(field, "Escape");
    expect(list.querySelectorAll("[role=option]").length).toBe(0);
  });

  test("keys of a field stay in it", async () => {
    const { el } = await shown();
    const field = find<HTMLInputElement>(el, '.aw-picker-field[aria-label="Up"]');
    const heard = vi.fn();
    document.addEventListener("keydown", heard);
    press(field, "ArrowDown");
    press(field, "a");
    document.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
  });
});

describe("filters", () => {
  const tick = (el: Element, column: string, value: string) =>
    find(el, `.aw-filters [data-column="${column}"][data-value="${value}"]`).click();

  test("the panel opens, and what is ticked is shown alone", async () => {
    const { el, model } = await shown();
    expect(find(el, ".aw-filters").hidden).toBe(true);
    [...el.querySelectorAll("button")].find((one) => one.textContent === "Filter")!.click();
    expect(find(el, ".aw-filters").hidden).toBe(false);
    tick(el, "motif", "Sink");
    expect(model.get("filters")).toEqual({ motif: ["Sink"] });
    await settle();
    expect([...plot.draws.at(-1)!.points.order]).toEqual([2, 3, 4]);
    expect(find(el, ".aw-shown-count").textContent).toBe("3 of 6 heads");
    tick(el, "motif", "");
    await settle();
    expect(find(el, ".aw-shown-count").textContent).toBe("4 of 6 heads");
    find(el, '[data-filter="motif"]').click();
    expect(model.get("filters")).toEqual({});
    await settle();
    expect(canvasOf(el).dataset.visible).toBe("6");
  });

  test("numbers, names and several filters at once", async () => {
    const { el, model } = await shown({ filters: { sink: [0.2, 0.8], name: "l0" } });
    expect([...plot.draws.at(-1)!.points.order]).toEqual([1, 2]);
    expect([...el.querySelectorAll(".aw-shown-chip")].map((one) => one.textContent)).toEqual([
      "Sink score 0.2 to 0.8 \u00d7",
      "Name has \u201cl0\u201d \u00d7",
    ]);
    const name = find<HTMLInputElement>(el, ".aw-filter-name");
    name.value = "h2";
    name.dispatchEvent(new Event("input"));
    await settle();
    expect(model.get("filters")).toEqual({ sink: [0.2, 0.8], name: "h2" });
    expect(model.sent.at(-1)).toEqual({ filters: { sink: [0.2, 0.8], name: "h2" } });
    expect([...plot.draws.at(-1)!.points.order]).toEqual([5, 2]);
  });

  test("only what is shown is found, lassoed and clicked", async () => {
    const { el, model } = await shown();
    const line = left(el);
    tick(el, "motif", "Sink");
    await settle();
    search(el, "L0");
    expect(options(el)).toEqual(["L0H2"]);
    lasso(el, line, { shiftKey: true });
    expect(model.get("selection")).toEqual(["L0H2"]);
  });

  test("a head of several classes is let through by each of them", async () => {
    const one = scatterTraits();
    const classes = {
      ...categories("class", "Class", [0, 0xffff, 1, 0xffff, 0xffff, 0xffff], ["a", "b"]),
      others: wire("uint32", [1, 2], [0, 1]),
    };
    await shown({ columns: [...one.columns, classes], filters: { class: ["b"] } });
    expect([...plot.draws.at(-1)!.points.order]).toEqual([0, 2]);
  });
});

describe("checkpoints", () => {
  /** Two heads at three checkpoints: the first goes right, the second up. */
  const training = (changes: Partial<HeadScatterTraits> = {}) => {
    const one = scatterTraits();
    return shown({
      map_info: {
        ...one.map_info,
        models: ["m@0", "m@1", "m@2"],
        course: ["m@0", "m@1", "m@2"],
        n_layers: [1, 1, 1],
        n_heads: [2, 2, 2],
      },
      model_name: "m@0",
      names: ["m@0:L0H0", "m@0:L0H1", "m@1:L0H0", "m@1:L0H1", "m@2:L0H0", "m@2:L0H1"],
      points: wire("float32", [6, 2], [-1, -1, -1, -1, 0, -1, -1, 0, 1, -1, -1, 1]),
      columns: [numbers("layer", "Layer", [0, 0, 0, 0, 0, 0])],
      color_by: "layer",
      neighbours: wire("uint32", [6, 0], []),
      neighbour_distances: wire("float32", [6, 0], []),
      ...changes,
    });
  };
  const slider = (el: Element) => find<HTMLInputElement>(el, ".aw-course-slider");

  test("all are shown at once, until one is chosen", async () => {
    const { el, model } = await training();
    expect(find(el, ".aw-course").hidden).toBe(false);
    expect(canvasOf(el).dataset.visible).toBe("6");
    press(slider(el), "ArrowRight");
    expect(model.sent.at(-1)).toEqual({ checkpoint: 0 });
    await settle();
    expect([...plot.draws.at(-1)!.points.order]).toEqual([0, 1]);
    press(slider(el), "ArrowRight");
    expect(model.sent.at(-1)).toEqual({ checkpoint: 1 });
    await settle();
    expect([...plot.draws.at(-1)!.points.order]).toEqual([2, 3]);
    expect(find(el, ".aw-course-name").textContent).toBe("m@1");
  });

  test("between two checkpoints a head is on its way, as the nearer one", async () => {
    const { el } = await training({ checkpoint: 1 });
    const [from, above] = [locate(el, 2), locate(el, 3)];
    const later = await training({ checkpoint: 2 });
    const [to, top] = [locate(later.el, 4), locate(later.el, 5)];
    const between = await training({ checkpoint: 1.75 });
    expect([...plot.draws.at(-1)!.points.order]).toEqual([4, 5]);
    const [x, y] = locate(between.el, 4);
    expect(x).toBeCloseTo(from[0] + 0.75 * (to[0] - from[0]), 1);
    expect(y).toBeCloseTo(from[1], 1);
    expect(locate(between.el, 5)[1]).toBeCloseTo(above[1] + 0.75 * (top[1] - above[1]), 1);
  });

  test("a model without checkpoints has no slider", async () => {
    const { el } = await shown();
    expect(find(el, ".aw-course").hidden).toBe(true);
  });

  test("what is played moves on by itself, and pauses", async () => {
    const { el, model } = await training();
    const play = find<HTMLButtonElement>(el, '.aw-course [aria-label="Play the training"]');
    play.click();
    await new Promise((done) => setTimeout(done, 300));
    expect(Number(slider(el).value)).toBeGreaterThan(0);
    expect(model.get("checkpoint")).toBe(0);
    play.click();
    const paused = model.get("checkpoint") as number;
    expect(paused).toBeGreaterThan(0);
    await new Promise((done) => setTimeout(done, 150));
    expect(Number(slider(el).value)).toBeCloseTo(paused, 1);
  });
});
