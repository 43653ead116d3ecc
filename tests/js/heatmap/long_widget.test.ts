// A heatmap of 1,500 tokens as one widget: what it asks for, what it says meanwhile, and what a page holds.
import type { HeatmapTraits } from "../../../js/src/heatmap/traits.ts";
import heatmap from "../../../js/src/heatmap/widget.ts";
import { wireLong } from "../long.ts";
import { FakeModel, heatmapTraits, settle, wireMotifs } from "../support.ts";

const N = 1500;
const BLOCK = 2;
const rule = (query: number, key: number) => ((query * 7 + key * 13) % 5000) + 1;
const TOKENS = Array.from({ length: N }, (_, i) => ` w${i}`);
const OF = {
  trace_id: "t",
  kind: "pattern" as const,
  layer: 0,
  head: 0,
  shown_as: "linear" as const,
};
const value = (code: number) => (code / 65535).toFixed(4);

const trace = (changes: Partial<HeatmapTraits["trace_info"]> = {}) => ({
  ...heatmapTraits().trace_info,
  tokens: TOKENS,
  ...changes,
});

function longTraits(changes: Partial<HeatmapTraits> = {}): HeatmapTraits {
  return heatmapTraits({ trace_info: trace(), pattern: wireLong(N, BLOCK, rule), ...changes });
}

async function opened(traits: HeatmapTraits) {
  const model = new FakeModel<HeatmapTraits>(traits);
  const el = document.createElement("div");
  document.body.append(el);
  heatmap.initialize({ model });
  heatmap.render({ model, el });
  await settle();
  const text = (selector: string) => el.querySelector(selector)?.textContent ?? "";
  return { model, el, text };
}

const row = (query: number) => ({
  of: OF,
  axis: "query" as const,
  index: query,
  offset: 0,
  scale: 1 / 65535,
  masked: false,
  dtype: "uint16" as const,
});
const codes = (query: number) =>
  new DataView(
    Uint16Array.from({ length: N }, (_, key) => (key <= query ? rule(query, key) : 0)).buffer,
  );

describe("a pattern that came pooled", () => {
  it("counts in tokens, and shows the largest of a block until the exact value is there", async () => {
    const { model, text } = await opened(longTraits({ query: 1001, key: 400 }));
    const around = Math.max(...[1000, 1001].flatMap((q) => [400, 401].map((k) => rule(q, k))));
    expect(text(".aw-readout")).toContain(`\u2264 ${value(around)}`);
    expect(text(".aw-readout")).toContain("2 \u00d7 2");
    expect(text(".aw-readout")).toContain("query 1001, key 400");
    expect(model.said).toContainEqual({
      ask: "line",
      request: 1,
      of: OF,
      axis: "query",
      index: 1001,
    });
    model.hear({ answer: "line", request: 1, ...row(1001) }, [codes(1001)]);
    await settle();
    expect(text(".aw-readout .aw-value")).toBe(value(rule(1001, 400)));
    expect(text(".aw-readout")).not.toContain("\u2264");
  });

  it("asks for a column where the strip shows columns", async () => {
    const { model } = await opened(longTraits({ query: 1001, key: 400, strip: "attended_by" }));
    expect(model.said).toContainEqual({ ask: "line", request: 1, of: OF, axis: "key", index: 400 });
  });

  it("finds the strongest key of a query once its row is there, and names it beside the strip", async () => {
    const { model, el, text } = await opened(longTraits({ query: 1001 }));
    expect(text(".aw-readout")).toContain("strongest");
    const at = 30;
    const data = new DataView(
      Uint16Array.from({ length: N }, (_, key) => (key === at ? 60000 : 1)).buffer,
    );
    model.hear({ answer: "line", request: 1, ...row(1001) }, [data]);
    await settle();
    expect(text(".aw-where")).toBe("query 1001, key 30");
    expect(el.querySelectorAll(".aw-token")).toHaveLength(400);
    expect(text(".aw-strip-other")).toBe("30 \u201c\u00b7w30\u201d 0.9155");
  });

  it("is another picture under a scale that is relative to rows, and keeps both", async () => {
    const { model, el } = await opened(longTraits());
    const shown = () => el.querySelector<HTMLElement>(".aw-heatmap-canvas")!.dataset.key;
    const choose = (scale: string) => {
      const select = [...el.querySelectorAll("select")].find((one) =>
        one.value.match(/linear|row_max/),
      )!;
      select.value = scale;
      select.dispatchEvent(new Event("change"));
    };
    choose("row_max");
    expect(model.sent.at(-1)).toEqual({ scale: "row_max" }); // `shown` stays empty: it asks
    await settle();
    expect(el.querySelector(".aw-waiting")).not.toBeNull();
    model.receive({ pattern: { ...wireLong(N, BLOCK, rule), shown_as: "row_max" } });
    await settle();
    await vi.waitFor(() => expect(shown()).toBe("t/pattern/0/0/row_max"), 3000);
    choose("linear");
    expect(model.sent.at(-1)).toEqual({ scale: "linear", shown: "t/pattern/0/0" });
    await vi.waitFor(() => expect(shown()).toBe("t/pattern/0/0"), 3000);
    choose("row_max");
    expect(model.sent.at(-1)).toMatchObject({ shown: "t/pattern/0/0/row_max" });
  });

  it("says under the widget what Python refuses", async () => {
    const { model, text } = await opened(longTraits({ query: 3 }));
    model.hear({ answer: "error", request: 1, error: "there is no such row" });
    await settle();
    expect(text(".aw-error")).toBe("there is no such row");
  });

  it("leaves no listener behind", async () => {
    const model = new FakeModel<HeatmapTraits>(longTraits());
    const end = new AbortController();
    const el = document.createElement("div");
    document.body.append(el);
    heatmap.initialize({ model, signal: end.signal });
    heatmap.render({ model, el, signal: end.signal });
    await settle();
    end.abort();
    expect(model.listenerCount).toBe(0);
  });
});

describe("a page without a kernel", () => {
  it("reads the rows that it holds, asks nobody, and says of others that they are not here", async () => {
    const { model, text } = await opened(
      longTraits({
        archive: [wireLong(N, BLOCK, rule)],
        lines_archive: [{ ...row(900), data: codes(900) }],
        query: 900,
        key: 17,
      }),
    );
    expect(text(".aw-readout .aw-value")).toBe(value(rule(900, 17)));
    model.receive({ query: 901 });
    await settle();
    expect(text(".aw-readout")).toContain("exact on the rows chosen only");
    expect(model.said).toEqual([]);
  });
});

describe("a page that holds some heads", () => {
  const held = (layer: number, head: number) => ({ ...wireLong(N, BLOCK, rule), layer, head });
  const page = () =>
    longTraits({
      trace_info: trace({
        heads: [
          [0, 0],
          [0, 2],
          [1, 1],
        ],
        scales: ["linear", "log"],
      }),
      archive: [held(0, 0), held(0, 2), held(1, 1)],
    });
  /** What is drawn: a large pattern takes some frames on a busy machine. */
  const walk = async (el: Element, key: string, to: string) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true });
    el.querySelector(".aw-plot")!.dispatchEvent(event);
    await settle();
    const canvas = el.querySelector<HTMLElement>(".aw-heatmap-canvas")!;
    await vi.waitFor(() => expect(canvas.dataset.key).toBe(to), 3000);
  };

  it("walks from one of them to the next, and stops at the last", async () => {
    const { el, model } = await opened(page());
    await walk(el, "ArrowRight", "t/pattern/0/2");
    await walk(el, "ArrowRight", "t/pattern/1/1");
    await walk(el, "ArrowRight", "t/pattern/1/1");
    expect([model.get("layer"), model.get("head")]).toEqual([1, 1]);
    await walk(el, "ArrowLeft", "t/pattern/0/2");
    await walk(el, "ArrowUp", "t/pattern/0/2");
    expect([model.get("layer"), model.get("head")]).toEqual([0, 2]);
  });

  it("offers the scales that it has", async () => {
    const { el } = await opened(page());
    const options = [...el.querySelectorAll("option")]
      .filter(({ disabled }) => !disabled)
      .map(({ value }) => value);
    expect(options).toContain("log");
    expect(options).not.toContain("row_max");
  });

  it("does not say that anything is being measured", async () => {
    const scored = {
      data: new DataView(new ArrayBuffer(6)),
      dtype: "uint8" as const,
      shape: [2, 3],
    };
    const { text } = await opened({ ...page(), motifs: { ...wireMotifs(), scored } });
    expect(text(".aw-measuring")).toBe("not measured");
    expect(text(".aw-motif-score")).toBe("-");
  });
});

describe("what the model wrote itself", () => {
  it("is marked in the strip and named for who cannot see it", async () => {
    const traits = heatmapTraits();
    traits.trace_info.generated_from = 2;
    const { el } = await opened(traits);
    const spans = [...el.querySelectorAll(".aw-token")];
    expect(spans.map((one) => one.classList.contains("aw-generated"))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(spans.map((one) => one.classList.contains("aw-first"))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(spans[2].getAttribute("aria-label")).toBe("\u00b7cat, generated");
    expect(el.querySelector(".aw-plot")!.getAttribute("aria-label")).toContain(
      "generated from position 2",
    );
  });
});

describe("motifs of a head that is not scored yet", () => {
  it("are being measured, and fill in", async () => {
    const motifs = wireMotifs();
    const scored = (codes: number[]) => ({
      data: new DataView(Uint8Array.from(codes).buffer),
      dtype: "uint8" as const,
      shape: [2, 3],
    });
    const { model, el, text } = await opened(
      heatmapTraits({ motifs: { ...motifs, scored: scored([0, 1, 1, 1, 1, 1]) } }),
    );
    expect(text(".aw-measuring")).toBe("measuring\u2026");
    expect(text(".aw-motif-score")).toBe("\u2026");
    expect(el.querySelector(".aw-motif-toggle")!.getAttribute("aria-label")).toBe(
      "Previous token, being measured",
    );
    model.receive({ motifs: { ...motifs, scored: scored([1, 1, 1, 1, 1, 1]) } });
    await settle();
    expect(text(".aw-measuring")).toBe("");
    expect(text(".aw-motif-score")).toBe("0.90");
  });
});
