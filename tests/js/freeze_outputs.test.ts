import type { Effects, Measure, NextTokens, TokenRow } from "../../js/src/freeze_traits.ts";
import { decodeAttribution, decodeEffects, decodeNextTokens } from "../../js/src/freeze_wire.ts";
import { pixelOf } from "../../js/src/views/color.ts";
import { diverging, divergingRamp } from "../../js/src/views/diverging.ts";
import { attributionView } from "../../js/src/views/freeze/attribution.ts";
import { effectsView } from "../../js/src/views/freeze/effects.ts";
import { headBoardView } from "../../js/src/views/freeze/head_board.ts";
import { toggleHeld } from "../../js/src/views/freeze/holding.ts";
import { nextTokensView } from "../../js/src/views/freeze/next_tokens.ts";
import { barEnd } from "../../js/src/views/freeze/token_rows.ts";
import { settle } from "./support.ts";

/** A place on the page, what a view sent from there, and the end of it. */
function place(theme: "light" | "dark" = "light") {
  const el = document.createElement("div");
  el.dataset.awTheme = theme;
  document.body.append(el);
  const controller = new AbortController();
  const sent: unknown[][] = [];
  const send =
    (name: string) =>
    (...values: unknown[]) =>
      void sent.push([name, ...values]);
  return { el, sent, send, signal: controller.signal, close: () => controller.abort() };
}

/** How much bluer than red a colour is, from -255 to 255. */
const blueness = (color: string) => {
  const [red, , blue] = (color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
  return blue - red;
};
const find = (el: Element, selector: string) => el.querySelector<HTMLElement>(selector)!;
const dataOf = (el: Element, selector: string) => Number(find(el, selector).dataset.value);
const press = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const pressButton = (el: Element, text: string) =>
  [...el.querySelectorAll("button")].find((b) => b.textContent === text)!.click();
function choose(select: HTMLSelectElement, value: string) {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

describe("diverging colours", () => {
  it("are blue above 0, red below, and the page's background at 0", () => {
    for (const dark of [false, true]) {
      const at = diverging(dark);
      expect(blueness(at(0.6))).toBeGreaterThan(50);
      expect(blueness(at(-0.6))).toBeLessThan(-50);
      expect(at(0)).toBe(dark ? "rgb(21, 25, 31)" : "rgb(255, 255, 255)");
      expect(at(7)).toBe(at(1));
      expect(at(Number.NaN)).toBe(at(0));
    }
  });

  it("have 0 in the middle of the ramp", () => {
    expect(divergingRamp(true)[128]).toBe(pixelOf(diverging(true)(0)));
    expect(divergingRamp(true)[255]).toBe(pixelOf(diverging(true)(1)));
    expect(divergingRamp(false)[0]).toBe(pixelOf(diverging(false)(-1)));
  });
});

const row = (
  id: number,
  text: string,
  [baseline, live, frozen]: [number, number, number],
  watched = false,
): TokenRow => {
  const prediction = (probability: number) => ({ probability, logit: 10 + Math.log(probability) });
  return {
    id,
    text,
    watched,
    baseline: prediction(baseline),
    live: prediction(live),
    frozen: prediction(frozen),
  };
};

const NEXT: NextTokens = {
  position: 2,
  rows: [
    row(7, " John", [0.1, 0.6, 0.2]),
    row(5, " Mary", [0.8, 0.3, 0.00002]),
    row(9, "<b>", [0, 0.01, 0.02], true),
  ],
};

describe("next tokens", () => {
  function open(changes: object = {}) {
    const at = place();
    const { send } = at;
    const update = nextTokensView(
      at.el,
      { watch: send("watch"), position: send("position"), target: send("target") },
      at.signal,
    );
    const show = (more: object = {}) =>
      update({
        next: NEXT,
        tokens: ["<bos>", " When", " and"],
        watched: ["<b>"],
        target: "",
        frozen: false,
        busy: false,
        editable: true,
        ...changes,
        ...more,
      });
    show();
    return { ...at, show, input: find(at.el, "input") as HTMLInputElement };
  }
  const order = (el: Element) =>
    [...el.querySelectorAll<HTMLElement>("[data-token-row]")].map((r) => r.dataset.tokenRow);
  const token = (el: Element, id: number) => find(el, `[data-token-row="${id}"] .aw-token-button`);

  it("show each token's three probabilities, its logits on demand", () => {
    const { el } = open();
    expect(order(el)).toEqual(["7", "5", "9"]);
    expect(dataOf(el, '[data-token-row="5"] [data-bar="baseline"]')).toBe(0.8);
    expect(dataOf(el, '[data-token-row="5"] [data-bar="live"]')).toBe(0.3);
    const frozen = find(el, '[data-token-row="5"] [data-bar="frozen"]');
    expect(Number(frozen.dataset.value)).toBe(0.00002);
    expect(frozen.textContent).toBe("2.0e\u22125");
    expect(frozen.title).toContain("logit \u22120.8198");
    expect(token(el, 5).textContent).toBe("\u00b7Mary");
    expect(token(el, 9).textContent).toBe("<b>");
    expect(find(el, '[data-token-row="5"] .aw-run-bar.aw-run-live').style.width).toBe("30.00%");
  });

  it("keep one scale for all bars, which grows in steps", () => {
    expect(barEnd(NEXT.rows)).toBe(1);
    expect(barEnd([row(1, "a", [0.3, 0.41, 0.2])])).toBe(0.5);
    expect(barEnd([row(1, "a", [0.3, 0.5, 0.2])])).toBe(0.5);
    expect(barEnd([row(1, "a", [0.03, 0.01, 0.02])])).toBeCloseTo(0.05);
  });

  it("follow a new order with the same elements, and let go of rows that left", () => {
    const { el, show } = open();
    const mary = find(el, '[data-token-row="5"]');
    show({ next: { position: 2, rows: [row(5, " Mary", [0.9, 0.9, 0.9]), NEXT.rows[0]] } });
    expect(order(el)).toEqual(["5", "7"]);
    expect(find(el, '[data-token-row="5"]')).toBe(mary);
    expect(dataOf(el, '[data-token-row="5"] [data-bar="live"]')).toBe(0.9);
  });

  it("mark the baseline's top token while no target is named, then the target", () => {
    const { el, sent, show } = open();
    const marked = () =>
      [7, 5, 9].filter((id) => token(el, id).getAttribute("aria-pressed") === "true");
    expect(marked()).toEqual([5]);
    token(el, 7).click();
    expect(sent).toEqual([["target", " John"]]);
    show({ target: " John" });
    expect(marked()).toEqual([7]);
    token(el, 7).click();
    expect(sent[1]).toEqual(["target", ""]);
  });

  it("add what is typed with its spaces, once, and remove it again", () => {
    const { el, sent, input, show } = open();
    input.value = " Tom";
    press(input, "Enter");
    expect(sent).toEqual([["watch", ["<b>", " Tom"]]]);
    expect(input.value).toBe("");
    input.value = "<b>";
    press(input, "Enter");
    press(input, "Enter");
    expect(sent.length).toBe(1);
    const removes = [...el.querySelectorAll<HTMLElement>(".aw-remove")].filter((b) => !b.hidden);
    expect(removes.length).toBe(1);
    show({ watched: ["<b>", " Tom"] });
    removes[0].click();
    expect(sent[1]).toEqual(["watch", [" Tom"]]);
  });

  it("remove a token that the model spells otherwise than it was typed", () => {
    const { el, sent } = open({
      watched: ["tom", "x"],
      next: { position: 2, rows: [row(3, " Tom", [0.1, 0.1, 0.1], true)] },
    });
    find(el, ".aw-remove").click();
    expect(sent).toEqual([["watch", ["x"]]]);
  });

  it("ask for a position, the last as -1, and stay there until the answer", () => {
    const { el, sent, show } = open();
    const select = find(el, "select") as HTMLSelectElement;
    expect(select.value).toBe("-1");
    choose(select, "0");
    expect(sent).toEqual([["position", 0]]);
    show();
    expect(select.value).toBe("0");
    show({ busy: true });
    expect(select.value).toBe("0");
    const first = { ...NEXT, position: 0 };
    show({ next: first });
    expect(select.value).toBe("0");
    choose(select, "1");
    show({ next: first, busy: true });
    show({ next: first }); // the run failed: back to what is shown
    expect(select.value).toBe("0");
    choose(select, "-1");
    expect(sent.at(-1)).toEqual(["position", -1]);
  });

  it("cannot be edited on an exported page", () => {
    const { el, sent } = open({ editable: false });
    expect(find(el, ".aw-adding").hidden).toBe(true);
    expect(find(el, '[data-token-row="9"] .aw-remove').hidden).toBe(true);
    expect((find(el, "select") as HTMLSelectElement).disabled).toBe(true);
    token(el, 7).click();
    expect(sent).toEqual([]);
  });

  it("say that nothing is known, keep old numbers while busy, and end with the signal", () => {
    const { el, show, sent, close } = open({ next: null });
    expect(find(el, ".aw-quiet").hidden).toBe(false);
    show({ next: NEXT, busy: true });
    expect(find(el, ".aw-quiet").hidden).toBe(true);
    expect(find(el, "section").getAttribute("aria-busy")).toBe("true");
    expect(order(el).length).toBe(3);
    close();
    token(el, 7).click();
    expect(sent).toEqual([]);
  });
});

function measure(cells: [[number, number], [number, number]]): Measure {
  const [[base, qk], [ov, both]] = cells;
  return {
    cells,
    total: both - base,
    ov: ov - base,
    qk: qk - base,
    interaction: both - ov - qk + base,
  };
}

const EFFECTS: Effects = {
  position: 2,
  target: { id: 5, text: " Mary" },
  versus: null,
  measures: {
    logit: measure([
      [17, 16.75],
      [14, 13.5],
    ]),
    kl: measure([
      [0, 0.125],
      [0.5, 0.75],
    ]),
  },
};
const AGAINST: Effects = {
  ...EFFECTS,
  versus: { id: 7, text: " John" },
  measures: {
    ...EFFECTS.measures,
    difference: measure([
      [3, 3.5],
      [-1, 0],
    ]),
  },
};

describe("effects", () => {
  function open(changes: object = {}, theme: "light" | "dark" = "light") {
    const at = place(theme);
    const { send } = at;
    const update = effectsView(
      at.el,
      { target: send("target"), versus: send("versus") },
      at.signal,
    );
    const show = (more: object = {}) =>
      update({
        effects: EFFECTS,
        busy: false,
        editable: true,
        target: "",
        versus: "",
        ...changes,
        ...more,
      });
    show();
    const inputs = [...at.el.querySelectorAll("input")];
    const select = find(at.el, "select") as HTMLSelectElement;
    return { ...at, show, target: inputs[0], versus: inputs[1], select };
  }
  const shown = (el: Element) =>
    ["ov", "qk", "interaction", "total"].map((part) => dataOf(el, `[data-effect="${part}"]`));

  it("show the four cells and parts that add up to the total", () => {
    const { el } = open();
    const cells = ["00", "01", "10", "11"].map((cell) => dataOf(el, `[data-cell="${cell}"]`));
    expect(cells).toEqual([17, 16.75, 14, 13.5]);
    expect(shown(el)).toEqual([-3, -0.25, -0.25, -3.5]);
    expect(find(el, '[data-cell="10"]').textContent).toContain("\u22123.000");
    expect(find(el, '[data-effect="total"]').textContent).toContain("\u22123.500");
    expect(find(el, ".aw-sentence").textContent).toBe(
      "Of the change of \u22123.500 in the logit of \u00b7Mary, \u22123.000 came through what is moved (OV), " +
        "\u22120.2500 through where it is moved from (QK) and \u22120.2500 through both together.",
    );
  });

  it("start each bar where the last one ended", () => {
    const { el } = open();
    const span = (part: string) => {
      const { style } = find(el, `[data-effect="${part}"] .aw-signed-fill`);
      return [style.left, style.width].map(Number.parseFloat);
    };
    const [[ovLeft, ovWidth], [qkLeft, qkWidth]] = [span("ov"), span("qk")];
    expect(ovLeft + ovWidth).toBeCloseTo(100, 1);
    expect(qkLeft + qkWidth).toBeCloseTo(ovLeft, 1);
    expect(span("total")).toEqual([0, 100]);
  });

  it("colour cells by their change: none at the baseline, red where it fell, blue where it rose", () => {
    const { el, show } = open();
    const paint = (cell: string) => find(el, `[data-cell="${cell}"]`).style.backgroundColor;
    expect(paint("00")).toBe("rgb(255 255 255)");
    expect(blueness(paint("11"))).toBeLessThan(-50);
    show({ effects: AGAINST });
    expect(blueness(paint("01"))).toBeGreaterThan(0);
    const { el: dark } = open({}, "dark");
    expect(find(dark, '[data-cell="00"]').style.color).toBe("#fff");
  });

  it("go to the difference once a rival is there, and stay with a measure that was chosen", () => {
    const { el, select, show } = open();
    expect(select.value).toBe("logit");
    show({ effects: AGAINST });
    expect(select.value).toBe("difference");
    expect(shown(el)[3]).toBe(-3);
    expect(find(el, ".aw-sentence").textContent).toContain(
      "difference \u00b7Mary \u2212 \u00b7John",
    );
    choose(select, "kl");
    expect(shown(el)).toEqual([0.5, 0.125, 0.125, 0.75]);
    show({ effects: AGAINST });
    expect(select.value).toBe("kl");
    expect(find(el, ".aw-sentence").textContent).toContain("nats");
    choose(select, "difference");
    show();
    expect(select.value).toBe("logit");
  });

  it("say so where nothing changed", () => {
    const same = measure([
      [17, 17],
      [17.00001, 17.00002],
    ]);
    const { el } = open({
      effects: { ...EFFECTS, measures: { ...EFFECTS.measures, logit: same } },
    });
    expect(find(el, ".aw-sentence").textContent).toBe(
      "The edit does not change the logit of \u00b7Mary.",
    );
  });

  it("save a target and a rival on Enter, and put back the old text on Escape", () => {
    const { target, versus, sent, show } = open({ target: " Mary" });
    expect(target.value).toBe(" Mary");
    target.value = " Anna";
    expect(sent).toEqual([]);
    press(target, "Enter");
    versus.value = " John";
    press(versus, "Enter");
    expect(sent).toEqual([
      ["target", " Anna"],
      ["versus", " John"],
    ]);
    target.value = "nonsense";
    press(target, "Escape");
    expect(target.value).toBe(" Mary");
    show({ target: "" });
    expect(target.value).toBe("");
    expect(target.placeholder).toBe("top token");
  });

  it("still measure on an exported page, without fields to type in", () => {
    const { target, versus, select } = open({ editable: false });
    expect([target.disabled, versus.disabled, select.disabled]).toEqual([true, true, false]);
  });

  it("wait quietly", () => {
    const { el } = open({ effects: null });
    expect(find(el, ".aw-quiet").hidden).toBe(false);
    expect(find(el, ".aw-output-body").hidden).toBe(true);
  });
});

/** 2 layers x 2 heads x 3 keys, at an odd place in a larger buffer. */
function wireAttribution(changes: object = {}) {
  const sources = [1, 2, 0, 0, -4, 0, 0.5, 0, 0, 0.25, 0.25, 0];
  const heads = [3, -4, 0.5, 0.5];
  const bytes = (values: number[]) => {
    const buffer = new ArrayBuffer(values.length * 4 + 3);
    const view = new DataView(buffer, 3);
    values.forEach((value, i) => {
      view.setFloat32(i * 4, value, true);
    });
    return view;
  };
  return {
    of: "frozen" as const,
    position: 1,
    target: { id: 5, text: " Mary" },
    versus: null,
    logit: 8.75001,
    residual: 0.00001,
    refused: "",
    heads: { data: bytes(heads), shape: [2, 2] },
    head_source: { data: bytes(sources), shape: [2, 2, 3] },
    embedding: 2,
    position_embedding: -0.5,
    mlps: [5, 1],
    attention_biases: 0.25,
    biases: 1,
    ...changes,
  };
}

describe("results as Python sends them", () => {
  it("are read at any offset, and null while there are none", () => {
    const terms = decodeAttribution(wireAttribution())!.terms!;
    expect([...terms.heads]).toEqual([3, -4, 0.5, 0.5]);
    expect(terms.head_source[4]).toBe(-4);
    expect([terms.nLayers, terms.nHeads, terms.nKeys]).toEqual([2, 2, 3]);
    expect(decodeAttribution({})).toBeNull();
    expect(decodeEffects({})).toBeNull();
    expect(decodeNextTokens({})).toBeNull();
    expect(decodeNextTokens(NEXT)).toBe(NEXT);
  });

  it("are refused with what is wrong about them", () => {
    const heads = { data: new DataView(new ArrayBuffer(12)), shape: [2, 2] };
    expect(() => decodeAttribution(wireAttribution({ heads }))).toThrow("12 bytes; expected 16");
  });
});

describe("attribution", () => {
  function open(changes: object = {}) {
    const at = place();
    const update = attributionView(at.el, { select: at.send("select") }, at.signal);
    const show = (more: object = {}) =>
      update({
        attribution: decodeAttribution(wireAttribution()),
        tokens: ["<bos>", " John", " to"],
        layer: 0,
        head: 1,
        frozen: true,
        busy: false,
        ...changes,
        ...more,
      });
    show();
    return { ...at, show };
  }
  const sources = (el: Element) => [0, 1, 2].map((key) => dataOf(el, `[data-source="${key}"]`));
  const ranked = (el: Element) =>
    [...el.querySelectorAll<HTMLElement>("[data-head-rank]")]
      .filter((b) => !b.hidden)
      .map((b) => b.dataset.headRank);

  it("sums source tokens over all heads, or takes those of the selected one", () => {
    const { el, show } = open();
    expect(sources(el)).toEqual([1.75, -1.75, 0]);
    pressButton(el, "Selected head");
    expect(sources(el)).toEqual([0, -4, 0]);
    expect(find(el, '[data-source="1"]').title).toBe("\u00b7John (1): \u22124.000");
    show({ layer: 1, head: 0 });
    expect(sources(el)).toEqual([0.5, 0, 0]);
    pressButton(el, "All heads");
    expect(sources(el)).toEqual([1.75, -1.75, 0]);
  });

  it("paints them by sign, and leaves what comes after the query bare", () => {
    const { el } = open();
    const paint = (key: number) => find(el, `[data-source="${key}"]`).style.backgroundColor;
    expect(blueness(paint(0))).toBeGreaterThan(50);
    expect(blueness(paint(1))).toBeLessThan(-50);
    expect(paint(2)).toBe("");
    expect(find(el, '[data-source="2"]').title).toContain("after the query");
  });

  it("ranks heads by size, and a click selects one", () => {
    const { el, sent } = open();
    expect(ranked(el)).toEqual(["L0H1", "L0H0", "L1H0", "L1H1"]);
    expect(find(el, '[data-head-rank="L0H1"]').getAttribute("aria-pressed")).toBe("true");
    expect(find(el, '[data-head-rank="L0H1"]').textContent).toContain("\u22124.000");
    find(el, '[data-head-rank="L1H0"]').click();
    expect(sent).toEqual([["select", { layer: 1, head: 0 }]]);
  });

  it("adds up all terms and writes the sum beside the logit", () => {
    const { el } = open();
    const terms = [...el.querySelectorAll<HTMLElement>("[data-term]")];
    const sum = terms.reduce((total, term) => total + Number(term.dataset.value), 0);
    expect(sum).toBe(8.75);
    expect(dataOf(el, '[data-term="mlps"]')).toBe(6);
    expect(find(el, '[data-term="mlps"]').title).toBe("layer 0: +5.000\nlayer 1: +1.000");
    const total = find(el, "[data-residual]");
    expect(total.textContent).toBe("sum 8.750, logit 8.750, residual 1.0e\u22125");
    expect(Number(total.dataset.residual)).toBe(0.00001);
  });

  it("adds up the terms itself: a logit that does not fit them is seen", () => {
    const { el } = open({ attribution: decodeAttribution(wireAttribution({ logit: 9 })) });
    expect(find(el, "[data-residual]").textContent).toContain("sum 8.750, logit 9.000");
  });

  it("shows no MLPs where the model has none, and names a difference", () => {
    const versus = { id: 7, text: " John" };
    const attribution = decodeAttribution(wireAttribution({ mlps: [], versus, of: "live" }));
    const { el } = open({ attribution });
    expect(find(el, '[data-term="mlps"]').hidden).toBe(true);
    expect(find(el, "[data-residual]").textContent).toContain("logit difference");
    expect(find(el, ".aw-output-title").textContent).toBe(
      "Where the logit difference \u00b7Mary \u2212 \u00b7John in the live run comes from",
    );
  });

  it("gives the reason where a logit cannot be split, and the pictures once it can", () => {
    const { refused: _, heads: __, head_source: ___, ...rest } = wireAttribution();
    const { el, show } = open({
      attribution: decodeAttribution({ ...rest, refused: "logits are capped <i>" }),
    });
    expect(find(el, ".aw-refused").textContent).toBe("logits are capped <i>");
    expect(find(el, ".aw-exact").hidden).toBe(true);
    show({ attribution: decodeAttribution(wireAttribution()) });
    expect(find(el, ".aw-refused").hidden).toBe(true);
    expect(find(el, ".aw-exact").hidden).toBe(false);
    expect(sources(el)).toEqual([1.75, -1.75, 0]);
  });

  it("stands while another prompt is on its way, and waits quietly without an answer", () => {
    const { el, show } = open();
    show({ tokens: ["<bos>", " a"], busy: true });
    expect(sources(el)).toEqual([1.75, -1.75, 0]);
    show({ attribution: null });
    expect(find(el, ".aw-quiet").hidden).toBe(false);
  });
});

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
