import { effectsView } from "../../../js/src/freeze/effects.ts";
import type { Effects, Measure } from "../../../js/src/freeze/results.ts";
import { blueness, choose, dataOf, find, place, press } from "./outputs.ts";

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
        error: "",
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

  it("keep a token that was refused, until Escape", () => {
    const { target, show } = open({ target: " Mary" });
    target.value = "two words";
    press(target, "Enter");
    show({ target: "two words" });
    show({ error: "two words is not one token" });
    expect(target.value).toBe("two words");
    press(target, "Escape");
    expect(target.value).toBe(" Mary");
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
