// HeadDossier: what it shows of a head, where it goes, what a click asks for, and what a page without a kernel holds.
import type { HeadDossierTraits } from "../../../js/src/dossier/traits.ts";
import headDossier from "../../../js/src/dossier/widget.ts";
import headGrid from "../../../js/src/grid/widget.ts";
import { tally } from "../../../js/src/host/model.ts";
import { FakeModel, gridTraits, settle } from "../support.ts";
import { dossierTraits, wirePage, wireRows } from "./support.ts";

let page = new AbortController();
beforeEach(() => {
  page = new AbortController();
});
afterEach(() => page.abort());

function open(changes: Partial<HeadDossierTraits> = {}, signal = page.signal) {
  const model = new FakeModel<HeadDossierTraits>(dossierTraits(changes));
  headDossier.initialize({ model, signal: page.signal });
  const el = document.createElement("div");
  document.body.append(el);
  headDossier.render({ model, el, signal });
  return { model, el };
}

const text = (el: Element, selector: string) => el.querySelector(selector)?.textContent ?? "";
const all = (el: Element, selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const press = (element: Element, key: string) =>
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const step = (el: Element, which: "Previous" | "Next") =>
  el.querySelector<HTMLButtonElement>(`[aria-label="${which} head"]`)!;

describe("a page", () => {
  it("says who the head is, with papers as links where they are on the web", () => {
    const { el } = open();
    expect(text(el, ".aw-dossier-name")).toBe("L1H0");
    expect(text(el, ".aw-motif-chip")).toBe("induction0.90 \u00b1 0.05, 3.00 bits");
    expect(text(el, ".aw-facts")).toContain("entropy, bits2.00");
    expect(text(el, ".aw-known .aw-class")).toBe("<i>induction</i>");
    expect(all(el, ".aw-known a").map((a) => a.getAttribute("href"))).toEqual([
      "https://arxiv.org/abs/2209.11895",
    ]);
  });

  it("shows examples as text, the query framed, the key painted, what lies between left out", () => {
    const { el } = open();
    expect(all(el, ".aw-decile").map((one) => one.textContent)).toEqual([
      "10th decile (strongest)",
      "9th decile",
    ]);
    const [first] = all(el, ".aw-example");
    expect(text(first, ".aw-example-query")).toBe("<b>cat</b>");
    const key = first.querySelector<HTMLElement>(".aw-example-key")!;
    expect(key.textContent).toBe("\u00b7cat");
    expect(key.style.backgroundColor).not.toBe("");
    const painted = all(first, ".aw-example-token").filter((one) => one.style.backgroundColor);
    expect(painted).toEqual([key]);
    expect(all(first, ".aw-example-gap").map((gap) => gap.title)).toEqual([
      "1 token left out",
      "16 tokens left out",
      "17 tokens left out",
    ]);
    expect(first.getAttribute("aria-label")).toContain("19 tokens before, weight 0.75, in prose");
  });

  it("paints all that is known, and says under the pointer how much it is", async () => {
    const { model, el } = open();
    model.receive({ rows: wireRows() });
    await settle();
    const [first] = all(el, ".aw-example");
    const tokens = all(first, ".aw-example-token");
    expect(tokens.filter((one) => one.style.backgroundColor).length).toBe(2);
    tokens[0].dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(text(first, ".aw-example-distance")).toBe("\u00b7the gets 0.1250");
    tokens[0].dispatchEvent(new Event("pointerout", { bubbles: true }));
    expect(text(first, ".aw-example-distance")).toBe("19 tokens before");
    // of another head they say nothing
    model.receive({ rows: wireRows("a:L0H0") });
    await settle();
    expect(all(el, ".aw-example-token").filter((one) => one.style.backgroundColor).length).toBe(2);
    expect(all(all(el, ".aw-example")[0], "[style*=background]").length).toBe(1);
  });

  it("says where each score stands among the heads of the model, and of all", () => {
    const { el } = open();
    const card = el.querySelector<HTMLElement>('.aw-score[data-score="induction"]')!;
    expect(text(card, ".aw-score-rank")).toBe("1 of 4, 1 of 7 in all");
    expect(card.getAttribute("aria-label")).toBe(
      "induction: 0.90 \u00b1 0.05, rank 1 of 4, 1 of 7 in all",
    );
    expect(el.querySelector('.aw-score[data-score="depth"]')).toBeNull();
    expect(el.querySelector('.aw-score[data-score="induction_std"]')).toBeNull();
  });

  it("shows scores by kind as text, with a dash where there is none", () => {
    const { el } = open();
    const rows = all(el, ".aw-kind-table tbody tr").map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows).toEqual([
      ["prose", "3", "0.90", "2.00"],
      ["</script>", "2", "\u2013", "1.50"],
    ]);
  });

  it("leads to near heads, and says why there is none", async () => {
    const { model, el } = open();
    expect(all(el, ".aw-near").map((one) => text(one, ".aw-near-name"))).toEqual([
      "L1H1",
      "b:L1H1",
    ]);
    expect(text(el, ".aw-near-motif")).toBe("induction");
    expect(all(el, ".aw-near canvas").length).toBe(2);
    all(el, ".aw-near")[1].click();
    await settle();
    expect(model.sent).toEqual([{ current: "b:L1H1", model_name: "b", head: 1 }]);
    model.receive({
      current: "b:L1H1",
      page: wirePage("b:L1H1", { nearest: [], nearest_missing: "no passage" }),
    });
    await settle();
    expect(text(el, ".aw-nearest")).toContain("no passage");
  });
});

describe("going from head to head", () => {
  it("walks all heads of the model, by buttons and by arrows, and not from a text field", async () => {
    const { model, el } = open();
    expect(text(el, ".aw-walk-where")).toBe("3 of 4");
    step(el, "Next").click();
    expect(model.get("current")).toBe("a:L1H1");
    model.receive({ page: wirePage("a:L1H1") });
    await settle();
    expect(step(el, "Next").disabled).toBe(true);
    press(el.querySelector(".aw-example")!, "ArrowLeft");
    expect(model.get("current")).toBe("a:L1H0");
    press(el.querySelector(".aw-head-search")!, "ArrowLeft");
    expect(model.get("current")).toBe("a:L1H0");
    press(el.querySelector(".aw-dossier")!, "/");
    expect((document.activeElement as HTMLElement).className).toContain("aw-head-search");
  });

  it("walks a list, and by a score that is clicked, the most first", async () => {
    const { model, el } = open({ heads: ["b:L0H0", "a:L1H0", "b:L1H1"] });
    expect(text(el, ".aw-walk-where")).toBe("2 of 3");
    expect(step(el, "Previous").title).toBe("b:L0H0");
    const card = el.querySelector<HTMLElement>('.aw-score[data-score="induction"]')!;
    card.click();
    expect(card.getAttribute("aria-pressed")).toBe("true");
    expect(text(el, ".aw-walk-where")).toBe("1 of 3");
    expect(step(el, "Next").title).toBe("b:L1H1");
    card.click();
    expect(text(el, ".aw-walk-where")).toBe("2 of 3");
    model.receive({ heads: ["b:L0H0"] });
    await settle();
    expect(text(el, ".aw-walk-where")).toBe("not among the 1");
  });

  it("goes back the way it came", async () => {
    const { model, el } = open();
    const back = el.querySelector<HTMLButtonElement>('[aria-label="Back to the head before"]')!;
    expect(back.hidden).toBe(true);
    for (const name of ["a:L0H0", "b:L1H1"]) {
      model.receive({ current: name, page: wirePage(name) });
      await settle();
    }
    back.click();
    expect(model.get("current")).toBe("a:L0H0");
    await settle();
    back.click();
    await settle();
    expect(model.get("current")).toBe("a:L1H0");
    expect(back.hidden).toBe(true);
  });

  it("finds a head by its name", () => {
    const { model, el } = open();
    const field = el.querySelector<HTMLInputElement>(".aw-head-search")!;
    field.value = "l0h1";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(all(el, ".aw-head-options .aw-option").map((one) => one.textContent)).toEqual([
      "a:L0H1",
      "b:L0H1",
    ]);
    press(field, "ArrowDown");
    press(field, "Enter");
    expect(model.get("current")).toBe("b:L0H1");
    field.value = "L9H9";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(field.className).toContain("aw-unknown-name");
  });

  it("dims what is of the head before while the page is on its way", async () => {
    const { model, el } = open();
    step(el, "Next").click();
    await settle();
    expect(el.querySelector(".aw-dossier-columns")!.className).toContain("aw-waiting");
    expect(text(el, ".aw-dossier-name")).toBe("L1H0");
    model.receive({ page: wirePage("a:L1H1") });
    await settle();
    expect(el.querySelector(".aw-dossier-columns")!.className).not.toContain("aw-waiting");
  });

  it("takes a head of a linked widget, of models that the atlas has", async () => {
    const { model } = open({ links: ["one"] });
    const grid = new FakeModel(gridTraits({ links: ["one"] }));
    grid.receive({ trace_info: { ...grid.get("trace_info"), model_name: "b" } });
    headGrid.initialize({ model: grid, signal: page.signal });
    grid.receive({ layer: 1, head: 1 });
    await settle();
    expect(model.get("current")).toBe("b:L1H1");
    grid.receive({ layer: 1, head: 2 });
    await settle();
    expect(model.get("current")).toBe("b:L1H1");
  });
});

describe("opening an example", () => {
  it("asks Python, each time it is clicked or entered, and shows what came of it under it", async () => {
    const { model, el } = open();
    const [first] = all(el, ".aw-example");
    first.querySelector<HTMLElement>(".aw-example-token")!.click();
    press(first, "Enter");
    const opened = { head: "a:L1H0", passage: "p", query: 21, key: 2 };
    expect(model.sent).toEqual([
      { opened: { ...opened, count: 1 } },
      { opened: { ...opened, count: 2 } },
    ]);
    model.receive({ opening: { ...opened, text: "Open <b>." } });
    await settle();
    expect(text(first, ".aw-example-note")).toBe("Open <b>.");
    expect(first.getAttribute("aria-current")).toBe("true");
    expect(all(el, ".aw-example-note").length).toBe(1);
    model.receive({ opening: {} });
    await settle();
    expect(all(el, ".aw-example-note").length).toBe(0);
  });

  it("is reached with one tab stop and the arrows", () => {
    const { el } = open();
    const [first, second] = all(el, ".aw-example");
    expect([first.tabIndex, second.tabIndex]).toEqual([0, -1]);
    first.focus();
    press(first, "ArrowDown");
    expect(document.activeElement).toBe(second);
    expect([first.tabIndex, second.tabIndex]).toEqual([-1, 0]);
  });

  it("chooses examples another way", async () => {
    const { model, el } = open();
    all(el, ".aw-examples .aw-switch button")[2].click();
    await settle();
    expect(model.sent).toEqual([{ by: "random" }]);
    expect(text(el, ".aw-examples .aw-empty")).toBe("No examples were kept.");
  });
});

describe("a page without a kernel", () => {
  const archive = { "a:L1H0": wirePage(), "a:L1H1": wirePage("a:L1H1") };

  it("goes to the heads that it holds and to no others", async () => {
    const { model, el } = open({ editable: false, archive });
    expect(all(el, "button.aw-near").map((one) => one.dataset.head)).toEqual(["a:L1H1"]);
    expect(step(el, "Previous").disabled).toBe(true);
    step(el, "Next").click();
    await settle();
    expect(text(el, ".aw-dossier-name")).toBe("L1H1");
    expect(model.get("layer")).toBe(1);
    expect(el.querySelector(".aw-waiting")).toBeNull();
  });

  it("opens nothing", () => {
    const { model, el } = open({ editable: false, archive });
    all(el, ".aw-example")[0].click();
    expect(model.sent).toEqual([]);
    expect(el.querySelector(".aw-openable")).toBeNull();
  });
});

describe("what can go wrong", () => {
  it("is shown, and the last good page stays", async () => {
    const { model, el } = open();
    const broken = wirePage();
    broken.strengths = { ...broken.strengths, shape: [9] };
    model.receive({ page: broken });
    await settle();
    expect(text(el, "[role=alert]")).toContain(
      "The page could not be read: the strengths has 16 bytes",
    );
    expect(text(el, ".aw-dossier-name")).toBe("L1H0");
    model.receive({ page: wirePage(), error: "<b>" });
    await settle();
    expect(text(el, "[role=alert]")).toBe("<b>");
  });

  it("waits for its first page", () => {
    const { el } = open({ page: {}, table: {} });
    expect(text(el, ".aw-empty")).toContain("Waiting");
  });

  it("leaves nothing behind when a view is closed", async () => {
    const view = new AbortController();
    const { el, model } = open({}, view.signal);
    const before = { ...tally() };
    view.abort();
    expect(el.children.length).toBe(0);
    expect(tally().views).toBe(before.views - 1);
    page.abort();
    expect(model.listenerCount).toBe(0);
  });
});
