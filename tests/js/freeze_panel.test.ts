import { tally } from "../../js/src/model.ts";
import { openPage } from "../../js/src/standalone.ts";
import type { FreezePanelTraits, Kind, WirePattern } from "../../js/src/traits.ts";
import { type FreezeSwitchProps, meaningOf } from "../../js/src/views/freeze/freeze_switch.ts";
import freezePanel from "../../js/src/widgets/freeze_panel.ts";
import { FakeModel, freezeTraits, settle, wirePattern } from "./support.ts";

const pattern = (kind: Kind, layer = 0, head = 0): WirePattern => ({
  ...wirePattern(layer, head),
  kind,
});

function open(model: FakeModel<FreezePanelTraits>) {
  const el = document.createElement("div");
  document.body.append(el);
  const controller = new AbortController();
  freezePanel.render({ model, el, signal: controller.signal });
  return { el, close: () => controller.abort() };
}

function started(changes: Partial<FreezePanelTraits> = {}) {
  const model = new FakeModel<FreezePanelTraits>(freezeTraits(changes));
  const controller = new AbortController();
  freezePanel.initialize({ model, signal: controller.signal });
  return { model, stop: () => controller.abort() };
}

function shown(changes: Partial<FreezePanelTraits> = {}) {
  const { model, stop } = started(changes);
  return { model, stop, ...open(model) };
}

const find = <E extends HTMLElement>(el: Element, selector: string) =>
  el.querySelector<E>(selector)!;
const toggleOf = (el: Element) => find(el, "[role=switch]");
const drawn = (el: Element) => find(el, ".aw-heatmap-canvas").dataset;
const chipAt = (el: Element, position: number) =>
  find(el, `.aw-chip-row:not([hidden]) [data-position="${position}"]`);
const button = (el: Element, text: string) =>
  [...el.querySelectorAll("button")].find((one) => one.textContent === text)!;
const press = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const options = (el: Element) =>
  [...el.querySelectorAll(".aw-token-option")].map((option) => option.getAttribute("aria-label"));
const type = (el: Element, text: string) => {
  const field = find<HTMLInputElement>(el, ".aw-token-input");
  field.value = text;
  field.dispatchEvent(new Event("input"));
};

afterEach(() => {
  vi.useRealTimers();
});

describe("the switch", () => {
  it("sets frozen and the kind in one message, and asks for the pattern it lacks", async () => {
    const { model, el } = shown({ shown: "t/live/0/0" });
    await settle();
    expect(toggleOf(el).getAttribute("aria-checked")).toBe("false");
    toggleOf(el).click();
    await settle();
    expect(model.sent).toEqual([{ frozen: true, kind: "frozen", shown: "" }]);
    expect(toggleOf(el).getAttribute("aria-checked")).toBe("true");
    expect(drawn(el).key).toBe("t/live/0/0");
    model.receive({ pattern: pattern("frozen") });
    await settle();
    expect(drawn(el).key).toBe("t/frozen/0/0");
  });

  it("does not fetch what is here already", async () => {
    const { model, el } = shown({ frozen: true, kind: "frozen", pattern: pattern("frozen") });
    model.receive({ frozen: false, kind: "live", pattern: pattern("live") });
    await settle();
    toggleOf(el).click();
    await settle();
    expect(model.sent).toEqual([{ frozen: true, kind: "frozen", shown: "t/frozen/0/0" }]);
    expect(drawn(el).key).toBe("t/frozen/0/0");
    toggleOf(el).click();
    await settle();
    expect(model.sent[1]).toEqual({ frozen: false, kind: "live", shown: "t/live/0/0" });
  });

  it("leaves the switch alone when the difference is shown, and goes back to the run in effect", async () => {
    const archive = (["live", "frozen", "difference"] as const).map((kind) => pattern(kind));
    const { model, el } = shown({ frozen: true, kind: "frozen", archive });
    await settle();
    button(el, "Difference").click();
    await settle();
    button(el, "Pattern").click();
    await settle();
    expect(model.sent).toEqual([
      { kind: "difference", shown: "t/difference/0/0" },
      { kind: "frozen", shown: "t/frozen/0/0" },
    ]);
    expect(model.get("frozen")).toBe(true);
  });

  it("holds norm scales and MLP outputs too", async () => {
    const { model, el } = shown();
    const [norms, mlps] = el.querySelectorAll<HTMLInputElement>(".aw-checkbox");
    norms.click();
    mlps.click();
    await settle();
    expect(model.sent).toEqual([{ norms: true }, { mlps: true }]);
    model.receive({ norms: false });
    await settle();
    expect([norms.checked, mlps.checked]).toEqual([false, true]);
  });
});

describe("what the state means", () => {
  const props: FreezeSwitchProps = {
    frozen: true,
    difference: false,
    norms: false,
    mlps: false,
    nHeld: 6,
    nHeads: 6,
    changed: true,
    editable: true,
  };

  it("is said in words", () => {
    expect(meaningOf(props)).toBe(
      "Patterns are held from the baseline: only what is moved (OV) can change.",
    );
    expect(meaningOf({ ...props, frozen: false })).toBe(
      "Live: patterns and values both follow the edited prompt.",
    );
    expect(meaningOf({ ...props, nHeld: 2, norms: true, mlps: true })).toBe(
      "The patterns of 2 of 6 heads are held from the baseline, and so are norm scales and MLP outputs; " +
        "the others follow the edited prompt.",
    );
    expect(meaningOf({ ...props, changed: false, frozen: false })).toContain("Nothing is edited");
    expect(meaningOf({ ...props, difference: true })).toContain("live minus frozen");
  });
});

describe("the heatmap", () => {
  const held = (el: Element) => [
    find(el, ".aw-heatmap .aw-title").textContent,
    find(el, ".aw-heatmap").classList.contains("aw-held"),
  ];

  it("marks a pattern that is held, and no other", async () => {
    const { model, el } = shown({ frozen: true, kind: "frozen", pattern: pattern("frozen") });
    await settle();
    expect(held(el)).toEqual(["\u2744 L0H0", true]);
    expect(find(el, ".aw-heatmap .aw-title").title).toBe("held pattern");
    model.receive({ heads: ["L0H1", "L1H0"] });
    await settle();
    expect(held(el)).toEqual(["L0H0", false]);
    expect(find(el, ".aw-heatmap .aw-title").title).toBe("");
    model.receive({ head: 1 });
    await settle();
    expect(held(el)).toEqual(["\u2744 L0H1", true]);
    model.receive({ kind: "difference" });
    await settle();
    expect(held(el)).toEqual(["L0H1", false]);
    model.receive({ kind: "live", frozen: false });
    await settle();
    expect(held(el)).toEqual(["L0H1", false]);
  });

  it("has colours of its own for a difference, and no choice of others", async () => {
    const { model, el } = shown();
    const palette = [...el.querySelectorAll("select")].find((one) =>
      one.textContent?.includes("Viridis"),
    )!;
    await settle();
    expect([drawn(el).palette, palette.disabled]).toEqual(["blues", false]);
    model.receive({ kind: "difference", scale: "log", pattern: pattern("difference") });
    await settle();
    expect([drawn(el).palette, drawn(el).scale]).toEqual(["diverging", "linear"]);
    expect(palette.disabled).toBe(true);
    expect(find(el, ".aw-bar-label").textContent).toBe("live \u2212 frozen");
    expect(find(el, ".aw-plot").getAttribute("aria-label")).toBe(
      "Live minus frozen attention pattern of L0H0, 4 by 4 tokens",
    );
  });

  it("leaves kind and prompt to the panel", async () => {
    const { el } = shown();
    await settle();
    expect(find(el, ".aw-heatmap .aw-controls").textContent).not.toContain("Kind");
    expect(find(el, ".aw-heatmap .aw-prompt").hidden).toBe(true);
  });
});

describe("chips", () => {
  it("replace one token and leave the others", async () => {
    const { model, el } = shown();
    chipAt(el, 2).click();
    model.receive({
      suggestions: {
        position: 2,
        text: "",
        tokens: [
          { id: 77, text: " dog" },
          { id: 78, text: " fox" },
        ],
      },
    });
    await settle();
    expect(options(el)).toEqual(["\u00b7dog", "\u00b7fox"]);
    press(find(el, ".aw-token-input"), "ArrowDown");
    press(find(el, ".aw-token-input"), "Enter");
    await settle();
    expect(model.sent).toEqual([{ asked: { position: 2, text: "" } }, { ids: [0, 11, 78, 13] }]);
    expect(find(el, ".aw-token-popover").hidden).toBe(true);
    // Before Python answers, the chip reads as it was chosen.
    expect(chipAt(el, 2).textContent).toBe("\u00b7fox\u00b7cat");
    expect(document.activeElement).toBe(chipAt(el, 2));
  });

  it("name the old token where another one stands, and offer it first", async () => {
    const { model, el } = shown({ ids: [0, 11, 78, 13] });
    model.receive({
      trace_info: { ...model.get("trace_info"), tokens: ["<bos>", " the", " fox", "\n"] },
    });
    await settle();
    expect([...el.querySelectorAll(".aw-changed")]).toEqual([chipAt(el, 2)]);
    expect(chipAt(el, 2).getAttribute("aria-label")).toBe("Token 2: \u00b7fox, was \u00b7cat");
    expect(chipAt(el, 3).textContent).toBe("\u23ce");
    chipAt(el, 2).click();
    expect(options(el)).toEqual(["\u00b7cat"]);
    press(find(el, ".aw-token-input"), "Enter");
    expect(model.sent.at(-1)).toEqual({ ids: [0, 11, 12, 13] });
  });

  it("go back to the baseline together, and only where something changed", async () => {
    const { model, el } = shown({ ids: [5, 11, 78, 13] });
    await settle();
    button(el, "Reset").click();
    await settle();
    expect(model.sent).toEqual([{ ids: [0, 11, 12, 13] }]);
    expect((button(el, "Reset") as HTMLButtonElement).disabled).toBe(true);
    expect(el.querySelector(".aw-changed")).toBeNull();
  });

  it("leave the start of the text, and every token of a page without a kernel, as they are", async () => {
    const { model, el } = shown();
    await settle();
    expect(chipAt(el, 0).tagName).toBe("SPAN");
    expect(chipAt(el, 1).tagName).toBe("BUTTON");
    model.receive({ editable: false });
    await settle();
    expect(el.querySelector("button.aw-token-chip")).toBeNull();
    expect(button(el, "Reset").hidden).toBe(true);
  });

  it("take the arrow keys, with one stop for Tab", async () => {
    const { el } = shown();
    await settle();
    const stops = () =>
      [...el.querySelectorAll<HTMLElement>("button.aw-token-chip")].map((chip) => chip.tabIndex);
    expect(stops()).toEqual([0, -1, -1]);
    chipAt(el, 1).focus();
    press(chipAt(el, 1), "End");
    expect(document.activeElement).toBe(chipAt(el, 3));
    press(chipAt(el, 3), "ArrowLeft");
    expect(document.activeElement).toBe(chipAt(el, 2));
    expect(stops()).toEqual([-1, 0, -1]);
  });

  it("stand in two rows where the prompts have different lengths, with a choice of alignment", async () => {
    const { model, el } = shown();
    await settle();
    const rows = () =>
      [...el.querySelectorAll<HTMLElement>(".aw-chip-row")].map((row) =>
        row.hidden ? 0 : row.childElementCount,
      );
    const align = find(el, ".aw-chips-align");
    expect(rows()).toEqual([0, 4]);
    expect(align.hidden).toBe(true);
    model.receive({
      ids: [0, 11, 13],
      trace_info: { ...model.get("trace_info"), tokens: ["<bos>", " the", "\n"] },
    });
    await settle();
    expect(rows()).toEqual([4, 3]);
    expect(el.querySelector(".aw-changed")).toBeNull();
    button(align, "Right").click();
    expect(model.sent).toEqual([{ align: "right" }]);
    find(el, 'button[data-position="2"]').click();
    expect(model.get("asked")).toEqual({ position: 2, text: "" });
  });

  it("offer an alignment when that is what went wrong", async () => {
    const { model, el } = shown();
    model.receive({ error: "the prompt has 5 tokens, the baseline 4; set align" });
    await settle();
    expect(find(el, ".aw-chips-align").hidden).toBe(false);
  });

  it("give way to text", async () => {
    const { model, el } = shown();
    await settle();
    const row = find(el, ".aw-chips .aw-prompt");
    expect(row.hidden).toBe(true);
    button(el, "Edit as text").click();
    expect(row.hidden).toBe(false);
    const field = find<HTMLTextAreaElement>(row, "textarea");
    expect(field.value).toBe("the cat");
    field.value = "the dog";
    field.dispatchEvent(new Event("input"));
    press(field, "Enter");
    expect(model.sent).toEqual([{ prompt: "the dog" }]);
  });
});

describe("suggestions", () => {
  const note = (el: Element) => find(el, ".aw-token-note").textContent;

  it("are asked for once typing rests, and those of another question are ignored", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { model, el } = shown();
    chipAt(el, 2).click();
    type(el, "d");
    vi.advanceTimersByTime(60);
    type(el, "do");
    vi.advanceTimersByTime(119);
    expect(model.sent.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(model.sent).toEqual([
      { asked: { position: 2, text: "" } },
      { asked: { position: 2, text: "do" } },
    ]);
    expect(note(el)).toBe("\u2026");
    const tokens = [{ id: 77, text: " dog" }];
    for (const other of [
      { position: 1, text: "do", tokens },
      { position: 2, text: "d", tokens },
    ]) {
      model.receive({ suggestions: other });
      await settle();
      expect([options(el), note(el)]).toEqual([[], "\u2026"]);
    }
    press(find(el, ".aw-token-input"), "Enter");
    expect(model.sent.length).toBe(2);
    model.receive({ suggestions: { position: 2, text: "do", tokens } });
    await settle();
    expect([options(el), note(el)]).toEqual([["\u00b7dog"], ""]);
    model.receive({ suggestions: { position: 2, text: "do", tokens: [] } });
    await settle();
    expect(note(el)).toContain("No single token");
  });

  it.each([
    ["Escape", (el: Element) => press(find(el, ".aw-token-input"), "Escape")],
    [
      "a press outside",
      () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true })),
    ],
    ["the same chip", (el: Element) => chipAt(el, 2).click()],
  ])("go away with %s", async (_, leave) => {
    const { model, el } = shown();
    await settle();
    chipAt(el, 2).click();
    expect(find(el, ".aw-token-popover").hidden).toBe(false);
    expect(chipAt(el, 2).getAttribute("aria-expanded")).toBe("true");
    leave(el);
    expect(find(el, ".aw-token-popover").hidden).toBe(true);
    expect(chipAt(el, 2).hasAttribute("aria-expanded")).toBe(false);
    expect(model.sent.length).toBe(1);
  });

  it("keep keys from the notebook", async () => {
    const { el } = shown();
    const heard: string[] = [];
    el.addEventListener("keydown", (event) => heard.push(event.key));
    chipAt(el, 1).click();
    for (const key of ["a", "ArrowDown", "Enter", "Escape"])
      press(find(el, ".aw-token-input"), key);
    expect(heard).toEqual([]);
  });
});

describe("FreezePanel", () => {
  it("says once what went wrong, with Python, with the patterns or with results", async () => {
    const { model, el } = shown();
    const alerts = () =>
      [...el.querySelectorAll<HTMLElement>("[role=alert]")]
        .filter((one) => !one.hidden)
        .map((one) => one.textContent);
    expect(alerts()).toEqual([]);
    model.receive({ error: "out of memory <b>", busy: true });
    await settle();
    expect(alerts()).toEqual(["out of memory <b>"]);
    expect(el.querySelectorAll(".aw-progress.aw-on").length).toBe(1);
    model.receive({
      error: "",
      busy: false,
      pattern: { ...pattern("live"), data: new Uint8Array(3) },
    });
    await settle();
    expect(alerts().length).toBe(1);
    expect(alerts()[0]).toContain("3 bytes; expected 20");
    model.receive({
      pattern: pattern("live"),
      attribution: {
        of: "live",
        position: 3,
        target: { id: 1, text: "x" },
        versus: null,
        logit: 1,
        residual: 0,
        refused: "",
        heads: { data: new Uint8Array(4), shape: [2, 3] },
        head_source: { data: new Uint8Array(4), shape: [2, 3, 4] },
      },
    });
    await settle();
    expect(alerts().length).toBe(1);
    expect(alerts()[0]).toContain("The attribution could not be read");
  });

  it("keeps two views in step, and a closed one leaves nothing behind", async () => {
    const before = { ...tally() };
    const { model, stop } = started({ frozen: true, kind: "frozen", pattern: pattern("frozen") });
    const own = model.listenerCount;
    const first = open(model);
    const second = open(model);
    await settle();
    expect(tally().views).toBe(before.views + 2);
    toggleOf(first.el).click();
    model.receive({ pattern: pattern("live"), ids: [0, 11, 78, 13] });
    await settle();
    for (const { el } of [first, second]) {
      expect(toggleOf(el).getAttribute("aria-checked")).toBe("false");
      expect(drawn(el).key).toBe("t/live/0/0");
      expect(chipAt(el, 2).classList.contains("aw-changed")).toBe(true);
    }
    chipAt(second.el, 1).click(); // closing with an open popover
    second.close();
    expect(second.el.childElementCount).toBe(0);
    toggleOf(first.el).click();
    await settle();
    expect(drawn(first.el).key).toBe("t/frozen/0/0");
    first.close();
    expect(tally().views).toBe(before.views);
    expect(tally().listeners).toBe(before.listeners);
    expect(model.listenerCount).toBe(own);
    stop();
    expect(model.listenerCount).toBe(0);
  });

  it("takes its listeners off the document with the popover", async () => {
    const added = vi.spyOn(document, "addEventListener");
    const { el, close } = shown();
    chipAt(el, 1).click();
    const signals = added.mock.calls
      .filter(([name]) => name === "pointerdown")
      .map(([, , options]) => (options as AddEventListenerOptions).signal!);
    expect(signals.length).toBe(1);
    expect(signals[0].aborted).toBe(false);
    close();
    expect(signals[0].aborted).toBe(true);
    added.mockRestore();
  });

  it("switches on a page without a kernel", async () => {
    const root = document.createElement("main");
    document.body.append(root);
    const archive = (["live", "frozen", "difference"] as const).map((kind) => pattern(kind));
    const state = { ...freezeTraits({ archive, pattern: pattern("live"), editable: false }) };
    const page = { modules: { freeze_panel: "" }, styles: {}, linked: [] as string[] };
    await openPage(
      { ...page, widgets: [{ module: "freeze_panel", state, buffers: [] }] },
      root,
      new AbortController().signal,
      async () => freezePanel as never,
    );
    await settle();
    expect(find<HTMLInputElement>(root, ".aw-checkbox").disabled).toBe(true);
    toggleOf(root).click();
    await settle();
    expect(drawn(root).key).toBe("t/frozen/0/0");
    expect(find(root, ".aw-heatmap").classList.contains("aw-held")).toBe(true);
    button(root, "Difference").click();
    await settle();
    expect(drawn(root).key).toBe("t/difference/0/0");
  });
});
