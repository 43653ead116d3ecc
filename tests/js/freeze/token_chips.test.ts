import { settle } from "../support.ts";
import { button, chipAt, find, press, shown } from "./support.ts";

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

  it("take back a text that could not be read, too", async () => {
    const { model, el } = shown();
    model.receive({ prompt: "zzyzx", error: "no such word" });
    await settle();
    button(el, "Reset").click();
    expect(model.sent.at(-1)).toEqual({
      ids: model.get("baseline").ids,
      prompt: model.get("baseline").text,
    });
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
