// When painting fails: what happened is said and logged, and what can go on goes on. regl-scatterplot is made up.
import type { Painted } from "../../../js/src/scatter/drawing_order.ts";
import { pointsPlot } from "../../../js/src/scatter/points_plot.ts";
import { FakeModel, settle } from "../support.ts";
import { open, scatterTraits } from "./support.ts";

const library = vi.hoisted(() => ({
  refuse: null as Error | null,
  broken: null as Error | null,
  drawn: [] as number[],
  selected: [] as number[][],
}));

vi.mock("regl-scatterplot", () => ({
  default: () => ({
    subscribe() {},
    set() {},
    view() {},
    deselect() {},
    destroy() {},
    select: (places: number[]) => library.selected.push(places),
    async draw(rows: number[][], { select }: { select: number[] }) {
      const { refuse } = library;
      library.refuse = null;
      if (refuse) throw refuse;
      library.drawn.push(rows.length);
      library.selected.push(select);
    },
  }),
  createRenderer() {
    if (library.broken) throw library.broken;
    return { resize() {}, destroy() {} };
  },
  createSpatialIndex: async () => ({}),
}));

const logged = vi.fn();
beforeEach(() => {
  library.refuse = library.broken = null;
  library.drawn = [];
  library.selected = [];
  logged.mockReset();
  vi.spyOn(console, "error").mockImplementation(logged);
});
afterEach(() => vi.restoreAllMocks());

const points = (n: number): Painted => ({
  x: new Float32Array(n),
  y: new Float32Array(n),
  color: new Float32Array(n),
  encoding: new Float32Array(n),
  order: new Uint32Array(n),
});

function plotOf() {
  const events = { painted: vi.fn(), drawn: vi.fn(), lost: vi.fn(), failed: vi.fn() };
  const canvas = document.createElement("canvas");
  const spare = document.createElement("div");
  return { events, plot: pointsPlot(canvas, spare, events, new AbortController().signal) };
}

describe("a drawing that the library refuses", () => {
  test("is told, and the next ones are drawn", async () => {
    const { plot, events } = plotOf();
    library.refuse = new Error("still busy");
    plot.draw(points(3), []);
    await settle();
    expect(events.failed).toHaveBeenCalledWith(expect.objectContaining({ message: "still busy" }));
    expect(events.drawn).not.toHaveBeenCalled();
    plot.draw(points(4), [1]);
    await settle();
    expect(library.drawn).toEqual([4]);
    expect(events.drawn).toHaveBeenCalledTimes(1);
  });

  test("is drawn whole when the same points are asked for with another selection", async () => {
    const { plot } = plotOf();
    const same = points(3);
    library.refuse = new Error("still busy");
    plot.draw(same, []);
    await settle();
    plot.draw(same, [2]);
    await settle();
    expect(library.drawn).toEqual([3]);
    expect(library.selected).toEqual([[2]]);
  });

  test("holds up none that waits behind it", async () => {
    const { plot } = plotOf();
    library.refuse = new Error("still busy");
    plot.draw(points(3), []);
    plot.draw(points(5), []);
    await settle();
    expect(library.drawn).toEqual([5]);
  });
});

describe("HeadScatter", () => {
  const shown = async () => {
    const model = new FakeModel(scatterTraits());
    const opened = open(model);
    await settle();
    await settle();
    const message = opened.el.querySelector<HTMLElement>(".aw-scatter-message")!;
    return { model, message, ...opened };
  };

  test("says and logs what a drawing failed of, until one succeeds", async () => {
    library.refuse = new Error("still busy");
    const { model, message, el, close } = await shown();
    expect(message.hidden).toBe(false);
    expect(message.textContent).toContain("still busy");
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ message: "still busy" }));
    model.receive({ hidden: ["Sink"] });
    await settle();
    await settle();
    expect(message.hidden).toBe(true);
    expect(el.querySelector<HTMLElement>(".aw-scatter-canvas")!.dataset.ready).toBe("true");
    close();
  });

  test("says what happened when the plot cannot be made though the browser has WebGL", async () => {
    const context = { getExtension: () => null };
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(((kind: string) =>
      kind.startsWith("webgl") ? context : null) as never);
    library.broken = new Error("shader of line 3");
    const { message, close } = await shown();
    expect(message.textContent).toContain("shader of line 3");
    expect(message.textContent).not.toContain("no WebGL");
    expect(logged).toHaveBeenCalledWith(library.broken);
    close();
  });

  test("says that the browser has no WebGL only where it has none, and logs the error too", async () => {
    library.broken = new Error("(regl) webgl not supported");
    const { message, close } = await shown();
    expect(message.textContent).toContain("no WebGL");
    expect(logged).toHaveBeenCalledWith(library.broken);
    close();
  });
});
