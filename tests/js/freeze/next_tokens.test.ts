import { nextTokensView } from "../../../js/src/freeze/next_tokens.ts";
import { barEnd } from "../../../js/src/freeze/token_rows.ts";
import { pixelOf, ramp } from "../../../js/src/pattern/color.ts";
import { diverging } from "../../../js/src/pattern/diverging.ts";
import { blueness, choose, dataOf, find, NEXT, place, press, row } from "./outputs.ts";

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
    expect(ramp("diverging", true)[128]).toBe(pixelOf(diverging(true)(0)));
    expect(ramp("diverging", true)[255]).toBe(pixelOf(diverging(true)(1)));
    expect(ramp("diverging", false)[0]).toBe(pixelOf(diverging(false)(-1)));
  });
});

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
        error: "",
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

  it("give back a token that was refused, to be corrected", () => {
    const { input, show } = open();
    input.value = "two words";
    press(input, "Enter");
    show({ watched: ["<b>", "two words"] });
    expect(input.value).toBe("");
    show({ error: "two words is not one token" });
    expect(input.value).toBe("two words");
    input.value = "";
    show({ error: "two words is not one token" });
    expect(input.value).toBe("");
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
