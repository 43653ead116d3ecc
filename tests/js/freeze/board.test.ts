import { headBoardView } from "../../../js/src/freeze/head_board.ts";
import { toggleHeld } from "../../../js/src/freeze/holding.ts";
import { settle } from "../support.ts";
import { blueness, find, place, press, pressButton } from "./outputs.ts";

describe("head board", () => {
  function open(changes: object = {}) {
    const at = place();
    const { send } = at;
    const update = headBoardView(
      at.el,
      { select: send("select"), hold: send("hold"), knockOut: send("out") },
      at.signal,
    );
    const show = (more: object = {}) =>
      update({
        nLayers: 2,
        nHeads: 3,
        layer: 0,
        head: 1,
        heads: null,
        knockedOut: [],
        frozen: true,
        contributions: Float32Array.from([0, -2, 1, 0, 0, 0]),
        editable: true,
        ...changes,
        ...more,
      });
    show();
    const cell = (name: string) => find(at.el, `[data-board="${name}"]`);
    return { ...at, show, cell };
  }
  const held = (el: Element) =>
    [...el.querySelectorAll<HTMLElement>('[data-held="true"]')].map((c) => c.dataset.board);

  it("shows contributions, what is held and what is knocked out", () => {
    const { el, cell, show } = open({ knockedOut: ["L1H2"] });
    expect(held(el).length).toBe(6);
    expect(cell("L1H2").dataset.out).toBe("true");
    expect(cell("L0H0").dataset.out).toBe("false");
    const paint = (name: string) => blueness(cell(name).style.backgroundColor);
    expect(paint("L0H1")).toBeLessThan(-50);
    expect(paint("L0H2")).toBeGreaterThan(50);
    expect(cell("L0H1").title).toBe("L0H1, contributes \u22122.000, held");
    expect(cell("L0H1").getAttribute("aria-selected")).toBe("true");
    show({ heads: ["L0H0"] });
    expect(held(el)).toEqual(["L0H0"]);
    show({ heads: ["L0H0"], frozen: false });
    expect(held(el)).toEqual([]);
    show({ contributions: null });
    expect(cell("L0H1").style.backgroundColor).toBe("");
  });

  it("takes on the colours of another theme", async () => {
    const { el, cell, close } = open();
    const paint = () => cell("L0H0").style.backgroundColor;
    expect(paint()).toBe("rgb(255 255 255)");
    el.dataset.awTheme = "dark";
    await settle();
    expect(paint()).toBe("rgb(21 25 31)");
    close();
    el.dataset.awTheme = "light";
    await settle();
    expect(paint()).toBe("rgb(21 25 31)");
  });

  it("touches only the cells that look different", () => {
    const { el, show } = open();
    const observer = new MutationObserver(() => {});
    for (const each of el.querySelectorAll(".aw-board-cell")) {
      observer.observe(each, { attributes: true });
    }
    const touched = () =>
      [...new Set(observer.takeRecords().map(({ target }) => target as HTMLElement))]
        .map(({ dataset }) => dataset.board)
        .sort();
    show();
    expect(touched()).toEqual([]);
    show({ head: 2 });
    expect(touched()).toEqual(["L0H1", "L0H2"]);
    show({ head: 2, heads: ["L0H0", "L0H1", "L0H2", "L1H0", "L1H2"] });
    expect(touched()).toEqual(["L1H1"]);
  });

  it("selects by click and by arrow keys, in which one cell is in the tab order", () => {
    const { el, sent, cell, show } = open();
    cell("L1H0").click();
    cell("L0H1").click(); // is selected already
    expect(sent).toEqual([["select", { layer: 1, head: 0 }]]);
    press(cell("L0H1"), "ArrowDown");
    expect(document.activeElement).toBe(cell("L1H1"));
    press(cell("L1H1"), "ArrowRight");
    press(cell("L1H2"), "ArrowRight");
    expect(document.activeElement).toBe(cell("L1H2"));
    expect(sent.slice(1)).toEqual([
      ["select", { layer: 1, head: 1 }],
      ["select", { layer: 1, head: 2 }],
      ["select", { layer: 1, head: 2 }],
    ]);
    show({ layer: 1, head: 2 });
    const stops = [...el.querySelectorAll(".aw-board-grid [tabindex='0']")];
    expect(stops).toEqual([cell("L1H2")]);
  });

  it("lets go of one head from all of them, and says null once all are held again", () => {
    const { el, sent, show } = open();
    pressButton(el, "Hold this head");
    const others = ["L0H0", "L0H2", "L1H0", "L1H1", "L1H2"];
    expect(sent).toEqual([["hold", others]]);
    show({ heads: others });
    pressButton(el, "Hold this head");
    expect(sent[1]).toEqual(["hold", null]);
  });

  it("holds a layer, all or none", () => {
    const { el, sent, show } = open();
    pressButton(el, "Hold only this layer");
    pressButton(el, "Hold none");
    show({ heads: [] });
    pressButton(el, "Hold all");
    expect(sent).toEqual([
      ["hold", ["L0H0", "L0H1", "L0H2"]],
      ["hold", []],
      ["hold", null],
    ]);
  });

  it("toggles a whole layer at its label, whose state is mixed when some are held", () => {
    const { el, sent, show } = open({ heads: ["L0H0"] });
    const label = find(el, '[data-layer="0"]');
    expect(label.getAttribute("aria-pressed")).toBe("mixed");
    label.click();
    expect(sent).toEqual([["hold", ["L0H0", "L0H1", "L0H2"]]]);
    show({ heads: ["L0H0", "L0H1", "L0H2"] });
    expect(label.getAttribute("aria-pressed")).toBe("true");
    label.click();
    expect(sent[1]).toEqual(["hold", []]);
    show({ heads: ["L0H0", "L0H1", "L0H2"] });
    find(el, '[data-layer="1"]').click();
    expect(sent[2]).toEqual(["hold", null]);
  });

  it("knocks out and restores", () => {
    const { el, sent, show } = open({ knockedOut: ["L1H2"] });
    pressButton(el, "Knock out");
    expect(sent).toEqual([["out", ["L0H1", "L1H2"]]]);
    show({ knockedOut: ["L0H1", "L1H2"] });
    pressButton(el, "Knock out");
    pressButton(el, "Restore all");
    expect(sent.slice(1)).toEqual([
      ["out", ["L1H2"]],
      ["out", []],
    ]);
  });

  it("only selects on an exported page", () => {
    const { el, sent, cell } = open({ editable: false });
    expect(find(el, ".aw-head-actions").hidden).toBe(true);
    find(el, '[data-layer="0"]').click();
    expect(sent).toEqual([]);
    cell("L0H0").click();
    expect(sent).toEqual([["select", { layer: 0, head: 0 }]]);
  });

  it("is built again for a model of another size", () => {
    const { el, show } = open();
    show({ nLayers: 3, nHeads: 4, contributions: null });
    expect(el.querySelectorAll("[data-board]").length).toBe(12);
    expect(held(el).length).toBe(12);
  });

  it("ends with the signal", () => {
    const { el, sent, cell, close } = open();
    close();
    cell("L1H1").click();
    pressButton(el, "Hold none");
    press(cell("L0H1"), "ArrowDown");
    expect(sent).toEqual([]);
  });
});

describe("toggleHeld", () => {
  it("keeps names in the order of the model", () => {
    const size = { nLayers: 2, nHeads: 2 };
    expect(toggleHeld(["L1H1"], ["L0H1"], size)).toEqual(["L0H1", "L1H1"]);
    expect(toggleHeld(["L0H1", "L1H1"], ["L0H0", "L1H0"], size)).toBeNull();
  });
});
