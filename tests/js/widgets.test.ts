import type { HeadGridTraits } from "../../js/src/grid/traits.ts";
import headGrid from "../../js/src/grid/widget.ts";
import type { HeatmapTraits } from "../../js/src/heatmap/traits.ts";
import heatmap from "../../js/src/heatmap/widget.ts";
import { State, tally } from "../../js/src/host/model.ts";
import { FakeModel, gridTraits, heatmapTraits, settle, wirePattern } from "./support.ts";

function open(model: FakeModel<HeatmapTraits>) {
  const el = document.createElement("div");
  document.body.append(el);
  const controller = new AbortController();
  heatmap.render({ model, el, signal: controller.signal });
  return { el, close: () => controller.abort() };
}

function started(traits = heatmapTraits()) {
  const model = new FakeModel<HeatmapTraits>(traits);
  const controller = new AbortController();
  heatmap.initialize({ model, signal: controller.signal });
  return { model, stop: () => controller.abort() };
}

const drawn = (el: Element) => el.querySelector<HTMLElement>(".aw-heatmap-canvas")?.dataset.key;
const press = (el: Element, key: string) =>
  el
    .querySelector(".aw-plot")!
    .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

describe("State.watch", () => {
  it("calls once for changes made together, and never after the signal", async () => {
    const model = new FakeModel({ a: 1, b: 1 });
    const controller = new AbortController();
    const state = new State<{ a: number; b: number }>(model);
    let calls = 0;
    state.watch(["a", "b"], () => calls++, controller.signal);
    state.save({ a: 2, b: 2 });
    await settle();
    expect(calls).toBe(1);
    state.save({ a: 3 });
    controller.abort();
    await settle();
    expect(calls).toBe(1);
    expect(model.listenerCount).toBe(0);
  });
});

describe("AttentionHeatmap", () => {
  it("draws what the traits hold", async () => {
    const { model } = started();
    const { el } = open(model);
    await settle();
    expect(drawn(el)).toBe("t/pattern/0/0");
    expect(el.querySelector(".aw-plot")?.getAttribute("aria-label")).toBe(
      "Attention pattern of L0H0, 4 by 4 tokens",
    );
  });

  it("asks in one message for a head it lacks, keeps the old picture, then draws the new one", async () => {
    const { model } = started();
    model.receive({ shown: "t/pattern/0/0" });
    const { el } = open(model);
    await settle();
    press(el, "ArrowRight");
    await settle();
    expect(model.sent).toEqual([{ head: 1, shown: "" }]);
    expect(drawn(el)).toBe("t/pattern/0/0");
    expect(el.querySelector(".aw-waiting")).not.toBeNull();
    model.receive({ pattern: wirePattern(0, 1) });
    await settle();
    expect(drawn(el)).toBe("t/pattern/0/1");
    expect(el.querySelector(".aw-waiting")).toBeNull();
  });

  it("draws a head it has at once, and says so in the same message", async () => {
    const { model } = started();
    const { el } = open(model);
    model.receive({ head: 1, pattern: wirePattern(0, 1) });
    await settle();
    press(el, "ArrowLeft");
    await settle();
    expect(model.sent).toEqual([{ head: 0, shown: "t/pattern/0/0" }]);
    expect(drawn(el)).toBe("t/pattern/0/0");
  });

  it("asks by itself when Python does not send what the traits name", async () => {
    vi.useFakeTimers();
    const { model, stop } = started(heatmapTraits({ head: 2, shown: "t/pattern/0/2" }));
    await vi.advanceTimersByTimeAsync(1000);
    expect(model.sent).toEqual([{ shown: "" }]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(model.sent.length).toBe(3);
    expect(model.get("shown")).toBe("");
    stop();
    vi.useRealTimers();
  });

  it("locks with the keyboard, token 0 included, and unlocks with Escape", async () => {
    const { model } = started();
    const { el } = open(model);
    await settle();
    const plot = el.querySelector(".aw-plot")!;
    plot.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowUp", shiftKey: true, bubbles: true }),
    );
    press(el, "Enter");
    await settle();
    expect([model.get("query"), model.get("key")]).toEqual([3, 0]);
    press(el, "Escape");
    await settle();
    expect([model.get("query"), model.get("key")]).toEqual([null, null]);
  });

  it("locks a token of the strip on the axis that the switch names", async () => {
    const { model } = started(heatmapTraits({ strip: "attended_by" }));
    const { el } = open(model);
    await settle();
    el.querySelectorAll<HTMLElement>(".aw-token")[0].click();
    await settle();
    expect([model.get("query"), model.get("key")]).toEqual([null, 0]);
  });

  it("paints the strip by the row of the locked query, and not its future", async () => {
    const { model } = started(heatmapTraits({ query: 1 }));
    const { el } = open(model);
    await settle();
    const paint = [...el.querySelectorAll<HTMLElement>(".aw-token")].map(
      (t) => t.style.backgroundColor,
    );
    expect(paint[0]).not.toBe("");
    expect(paint[0]).toBe(paint[1]);
    expect(paint.slice(2)).toEqual(["", ""]);
  });

  it("shows errors of Python and of its own data, and stays usable", async () => {
    const { model } = started();
    const { el } = open(model);
    model.receive({ error: "out of memory <b>" });
    await settle();
    const alert = el.querySelector<HTMLElement>("[role=alert]")!;
    expect(alert.hidden).toBe(false);
    expect(alert.textContent).toBe("out of memory <b>");
    expect(drawn(el)).toBe("t/pattern/0/0");
    model.receive({ error: "", pattern: { ...wirePattern(0, 0), data: new Uint8Array(3) } });
    await settle();
    expect(alert.textContent).toContain("3 bytes; expected 20");
  });

  it("says which pattern of an archive is damaged, and shows the others", async () => {
    const damaged = { ...wirePattern(0, 1), data: new Uint8Array(3) };
    const { model } = started(
      heatmapTraits({ pattern: null, archive: [wirePattern(0, 0), damaged, wirePattern(0, 2)] }),
    );
    const { el } = open(model);
    const alert = el.querySelector<HTMLElement>("[role=alert]")!;
    press(el, "ArrowRight");
    await settle();
    expect(alert.textContent).toContain("L0H1 has 3 bytes; expected 20");
    press(el, "ArrowRight");
    await settle();
    expect([alert.hidden, drawn(el)]).toEqual([true, "t/pattern/0/2"]);
  });

  it("runs another prompt on Enter, and not the same one again", async () => {
    const { model } = started();
    const { el } = open(model);
    const field = el.querySelector("textarea")!;
    const enter = () =>
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    enter();
    expect(model.sent).toEqual([]);
    field.value = "the dog";
    field.dispatchEvent(new Event("input"));
    enter();
    expect(model.sent).toEqual([{ prompt: "the dog" }]);
  });

  it("keeps a prompt that Python refuses in the field, with the error, until Escape", async () => {
    const { model } = started();
    const { el } = open(model);
    const field = el.querySelector("textarea")!;
    const key = (name: string) =>
      field.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    field.value = "zzyzx";
    field.dispatchEvent(new Event("input"));
    key("Enter");
    await settle();
    model.receive({ prompt: "the cat", error: "no such word" });
    await settle();
    expect(field.value).toBe("zzyzx");
    expect(el.querySelector("[role=alert]")?.textContent).toBe("no such word");
    expect(el.querySelector<HTMLButtonElement>(".aw-prompt button")?.disabled).toBe(false);
    key("Escape");
    expect(field.value).toBe("the cat");
  });

  it("keeps two views in step, and a closed one leaves nothing behind", async () => {
    const before = { ...tally() };
    const { model, stop } = started();
    const own = model.listenerCount;
    const first = open(model);
    const second = open(model);
    await settle();
    expect(tally().views).toBe(before.views + 2);
    model.receive({ head: 1, pattern: wirePattern(0, 1) });
    await settle();
    expect([drawn(first.el), drawn(second.el)]).toEqual(["t/pattern/0/1", "t/pattern/0/1"]);
    second.close();
    expect(second.el.childElementCount).toBe(0);
    press(first.el, "ArrowLeft");
    await settle();
    expect(drawn(first.el)).toBe("t/pattern/0/0");
    first.close();
    expect(tally().views).toBe(before.views);
    expect(tally().listeners).toBe(before.listeners);
    expect(model.listenerCount).toBe(own);
    stop();
    expect(model.listenerCount).toBe(0);
  });
});

/** Another object for the same model, as hosts pass to `initialize` and to each `render`. */
function proxyOf(model: FakeModel<HeatmapTraits>): FakeModel<HeatmapTraits> {
  return new Proxy(model, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

it("shares what it has between views, though a host passes each its own model object", async () => {
  const { model } = started();
  const first = open(proxyOf(model));
  model.receive({ head: 1, pattern: wirePattern(0, 1) });
  await settle();
  first.close();
  const second = open(proxyOf(model));
  await settle();
  press(second.el, "ArrowLeft");
  await settle();
  expect(model.sent).toEqual([{ head: 0, shown: "t/pattern/0/0" }]);
  expect(drawn(second.el)).toBe("t/pattern/0/0");
});

it("keeps two models apart, though a host runs both with one module", async () => {
  const first = started().model;
  const second = started(heatmapTraits({ head: 2, pattern: wirePattern(0, 2) })).model;
  const views = [open(proxyOf(first)), open(proxyOf(second))];
  await settle();
  expect(views.map(({ el }) => drawn(el))).toEqual(["t/pattern/0/0", "t/pattern/0/2"]);
  first.receive({ trace_info: heatmapTraits().trace_info });
  await settle();
  const again = open(proxyOf(first));
  press(again.el, "ArrowRight");
  await settle();
  expect([first.sent, second.sent]).toEqual([[{ head: 1 }], []]);
});

describe("HeadGrid", () => {
  function openGrid(traits = gridTraits()) {
    const model = new FakeModel<HeadGridTraits>(traits);
    const el = document.createElement("div");
    document.body.append(el);
    const controller = new AbortController();
    headGrid.render({ model, el, signal: controller.signal });
    return { model, el, close: () => controller.abort() };
  }
  const label = (el: Element) => el.querySelector(".aw-grid")?.getAttribute("aria-label");

  it("draws the atlas and names the selected head", async () => {
    const { el } = openGrid(gridTraits({ layer: 1, head: 2 }));
    await settle();
    expect(el.querySelector<HTMLElement>(".aw-grid-canvas")?.dataset.key).toBe("t/linear");
    expect(label(el)).toBe("Head grid, 2 layers by 3 heads; L1H2 selected");
  });

  it("says which pictures are still being made, and shows those that come", async () => {
    const atlas = gridTraits().atlas!;
    const data = (...made: number[]) => Uint8Array.from(made);
    const done = { data: data(1, 0, 0, 0, 0, 0), dtype: "uint8" as const, shape: [2, 3] };
    const { model, el } = openGrid(gridTraits({ layer: 1, atlas: { ...atlas, done } }));
    await settle();
    expect(label(el)).toContain("2 layers by 3 heads, 1 of 6 pictures made; L1H0");
    const caption = () => el.querySelector(".aw-preview .aw-hint")?.textContent;
    expect(caption()).toContain("being made");
    const more = { ...done, data: data(1, 0, 0, 1, 0, 0) };
    model.receive({ atlas: { ...atlas, done: more } });
    await settle();
    expect(label(el)).toContain("2 of 6 pictures made");
    expect(caption()).toBe("Selected");
    model.receive({ atlas });
    await settle();
    expect(label(el)).toBe("Head grid, 2 layers by 3 heads; L1H0 selected");
  });

  it("selects with the arrow keys and stops at the edges", async () => {
    const { model, el } = openGrid();
    const grid = el.querySelector(".aw-grid")!;
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) {
      grid.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await settle();
    }
    expect([model.get("layer"), model.get("head")]).toEqual([1, 1]);
    expect(label(el)).toContain("L1H1 selected");
  });

  it("says that the first token is left out, and how much of the attention it has", async () => {
    const { model, el } = openGrid();
    const notice = () => el.querySelector(".aw-notice")?.textContent;
    model.receive({ trace_info: { ...model.get("trace_info"), first_share: 0.784 } });
    await settle();
    expect(notice()).toBe("");
    model.receive({ scale: "exclude_first" });
    await settle();
    expect(notice()).toContain("Without the first token, which has about 78% of the attention");
  });

  it("goes to other layers sideways where layers lie side by side", async () => {
    const { model, el } = openGrid(gridTraits({ layers: "across" }));
    await settle();
    const grid = el.querySelector(".aw-grid")!;
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp"]) {
      grid.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await settle();
    }
    expect([model.get("layer"), model.get("head")]).toEqual([1, 1]);
  });

  it("says where layers run, and lets the reader turn them", async () => {
    const { model, el } = openGrid();
    await settle();
    const layers = () => el.querySelector<HTMLElement>(".aw-grid-canvas")?.dataset.layers;
    const field = [...el.querySelectorAll("label")].find((one) =>
      one.textContent?.includes("Layers"),
    )!;
    const select = field.querySelector("select")!;
    expect([layers(), select.value]).toEqual(["down", "down"]);
    select.value = "across";
    select.dispatchEvent(new Event("change"));
    await settle();
    expect([layers(), model.get("layers")]).toEqual(["across", "across"]);
  });

  it("keeps the old thumbnails until those without the first token arrive", async () => {
    const { model, el } = openGrid();
    model.receive({ scale: "exclude_first" });
    await settle();
    const key = () => el.querySelector<HTMLElement>(".aw-grid-canvas")?.dataset.key;
    expect(key()).toBe("t/linear");
    expect(el.querySelector(".aw-waiting")).not.toBeNull();
    model.receive({ atlas: { ...gridTraits().atlas!, scale: "exclude_first" } });
    await settle();
    expect(key()).toBe("t/exclude_first");
  });

  it("leaves no listener behind", async () => {
    const { model, close } = openGrid();
    await settle();
    expect(model.listenerCount).toBeGreaterThan(0);
    close();
    expect(model.listenerCount).toBe(0);
  });
});
