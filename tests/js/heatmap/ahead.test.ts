import { lookAhead, type OnShow } from "../../../js/src/heatmap/ahead.ts";
import heatmap from "../../../js/src/heatmap/widget.ts";
import { FakeModel, heatmapTraits, settle, wirePattern } from "../support.ts";

const names = (of: readonly { layer: number; head: number }[]): string[] =>
  of.map(({ layer, head }) => `${layer}.${head}`);

/** Heads of 3 layers x 3; `rest` lets the time pass after which it looks. */
function looking(changes: Partial<OnShow> = {}, here = ["1.1"]) {
  const at = { traceId: "t", kind: "pattern" as const, layer: 1, head: 1, cells: 16, ...changes };
  const asked: string[][] = [];
  const closed = new AbortController();
  const ahead = lookAhead(
    () => ({ ...at, nLayers: 3, nHeads: 3 }),
    (head) => here.includes(names([head])[0]),
    (of) => asked.push(names(of)),
    closed.signal,
  );
  const rest = () => vi.advanceTimersByTime(100);
  return { at, here, asked, ahead, closed, rest };
}

describe("lookAhead", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("asks once, together, for the heads that the arrow keys lead to and that are not here", () => {
    const { asked, ahead, rest } = looking({}, ["1.1", "0.1"]);
    rest();
    expect(asked).toEqual([["1.2", "2.1", "1.0"]]);
    ahead.moved();
    rest();
    expect(asked).toHaveLength(1);
  });

  it("waits where there is no trace yet", async () => {
    vi.useRealTimers();
    const model = new FakeModel(heatmapTraits({ trace_info: {} as never, pattern: {} as never }));
    const failed: unknown[] = [];
    const fail = (error: unknown) => void failed.push(error);
    process.on("uncaughtException", fail);
    const closed = new AbortController();
    await heatmap.initialize?.({ model, signal: closed.signal } as never);
    await new Promise((end) => setTimeout(end, 80));
    process.off("uncaughtException", fail);
    closed.abort();
    expect(failed).toEqual([]);
    expect(model.said).toEqual([]);
  });

  it("asks again for one that came and is gone", () => {
    const { asked, ahead, rest } = looking({}, ["1.1", "0.1", "2.1", "1.0"]);
    rest();
    ahead.came({ trace_id: "t", kind: "pattern", layer: 1, head: 2 });
    ahead.moved();
    rest();
    expect(asked).toEqual([["1.2"], ["1.2"]]);
  });

  it("leaves out what is beyond the first and the last head", () => {
    const { asked, rest } = looking({ layer: 0, head: 0 }, ["0.0"]);
    rest();
    expect(asked).toEqual([["0.1", "1.0"]]);
  });

  it("asks for nothing while the head on show is on its way, nor where patterns are large", () => {
    for (const { asked, rest } of [looking({}, []), looking({ cells: 257 * 257 })]) {
      rest();
      expect(asked).toEqual([]);
    }
  });

  it("asks for a head that the pointer rests on in a linked widget", () => {
    const { asked, ahead, rest } = looking({}, ["1.1", "0.1", "1.2", "2.1", "1.0", "0.0"]);
    rest();
    for (const head of [2, 0]) ahead.pointed({ layer: 2, head }); // passed, rested on
    rest();
    ahead.pointed({ layer: 0, head: 0 }); // here
    rest();
    expect(asked).toEqual([["2.0"]]);
  });

  it("asks for nothing once it is closed", () => {
    const { asked, closed, rest } = looking();
    closed.abort();
    rest();
    expect(asked).toEqual([]);
  });
});

describe("a heatmap in a notebook", () => {
  const open = async () => {
    const model = new FakeModel(heatmapTraits());
    const signal = new AbortController().signal;
    const el = document.createElement("div");
    document.body.append(el);
    heatmap.initialize({ model, signal });
    heatmap.render({ model, el, signal });
    await settle();
    const drawn = () => el.querySelector<HTMLElement>(".aw-heatmap-canvas")?.dataset.key;
    const press = (key: string) =>
      el
        .querySelector(".aw-plot")!
        .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const give = (head: number) => {
      const { data, ...about } = wirePattern(0, head);
      model.hear({ answer: "heads", request: null, patterns: [about] }, [data as DataView]);
    };
    return { model, drawn, press, give };
  };

  it("asks Python for the heads beside, and draws one that came at once", async () => {
    const { model, drawn, press, give } = await open();
    await vi.waitFor(() => expect(model.said).toHaveLength(1));
    const { ask, of } = model.said[0] as { ask: string; of: { layer: number; head: number }[] };
    expect(ask).toBe("heads");
    expect(names(of)).toContain("0.1");
    give(1);
    expect(drawn()).toBe("t/pattern/0/0");
    press("ArrowRight");
    await settle();
    expect(drawn()).toBe("t/pattern/0/1");
    expect(model.sent.at(-1)).toEqual({ head: 1, shown: "t/pattern/0/1" });
  });

  it("draws one that was chosen before it came", async () => {
    const { drawn, press, give } = await open();
    press("ArrowRight");
    await settle();
    expect(drawn()).toBe("t/pattern/0/0");
    give(1);
    await settle();
    expect(drawn()).toBe("t/pattern/0/1");
  });
});
