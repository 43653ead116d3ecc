import headGrid from "../../../js/src/grid/widget.ts";
import heatmap from "../../../js/src/heatmap/widget.ts";
import { stateOf } from "../../../js/src/host/page_state.ts";
import { openPage, type Page, type StaticModel } from "../../../js/src/host/standalone.ts";
import { gridTraits, heatmapTraits, settle, wirePattern } from "../support.ts";

const page = (widgets: Page["widgets"], modules: Page["modules"] = { one: "" }): Page => ({
  modules,
  styles: {},
  widgets,
});

function save(model: StaticModel, changes: Record<string, unknown>) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
}

it("puts bytes where they belong, also in lists", () => {
  const state = stateOf({
    state: { pattern: { shape: [1] }, archive: [{}, {}] },
    buffers: [
      [["pattern", "data"], btoa("\x01\xff")],
      [["archive", 1, "data"], btoa("\x07")],
    ],
  });
  const { data } = state.pattern as { data: DataView };
  expect(data.getUint16(0, true)).toBe(0xff01);
  expect((state.archive as { data?: DataView }[])[1].data?.getUint8(0)).toBe(7);
});

describe("openPage", () => {
  const signal = new AbortController().signal;
  const entry = (module: string) => ({ module, state: { layer: 0 }, buffers: [] });

  it("initialises, then renders, each widget with its own model", async () => {
    const calls: string[] = [];
    const load = async () => ({
      initialize: () => calls.push("initialize"),
      render: ({ el }: { el: HTMLElement }) => {
        calls.push("render");
        el.textContent = "here";
      },
    });
    const root = document.createElement("main");
    const models = await openPage(page([entry("one"), entry("one")]), root, signal, load);
    expect(calls).toEqual(["initialize", "render", "initialize", "render"]);
    expect(root.textContent).toBe("herehere");
    expect(models[0]).not.toBe(models[1]);
  });

  it("links all its widgets, and unlinks them when it closes", async () => {
    const closed = new AbortController();
    const load = async (name: string) => (name === "grid" ? headGrid : heatmap) as never;
    const archive = [0, 1, 2].map((head) => wirePattern(0, head));
    const entries = [
      { module: "grid", state: { ...gridTraits({ editable: false }) }, buffers: [] },
      { module: "map", state: { ...heatmapTraits({ archive, editable: false }) }, buffers: [] },
    ];
    const root = document.createElement("main");
    document.body.append(root);
    const modules = { grid: "grid", map: "map" };
    const [grid, map] = await openPage(page(entries, modules), root, closed.signal, load);
    save(grid, { layer: 0, head: 2 });
    save(map, { query: 3, key: 0 });
    await settle();
    expect([map.get("head"), grid.get("query"), grid.get("key")]).toEqual([2, 3, 0]);
    expect(root.querySelector<HTMLElement>(".aw-heatmap-canvas")?.dataset.key).toBe(
      "t/pattern/0/2",
    );
    closed.abort();
    save(grid, { layer: 0, head: 1 });
    await settle();
    expect(map.get("head")).toBe(2);
  });

  it("loads every module, each once, before it shows a widget, so that all are in one frame", async () => {
    const calls: string[] = [];
    const load = async (source: string) => {
      calls.push(`load ${source}`);
      await settle();
      return { render: () => calls.push(`show ${source}`) };
    };
    const entries = [entry("one"), entry("two"), entry("one")];
    const root = document.createElement("main");
    await openPage(page(entries, { one: "1", two: "2" }), root, signal, load);
    expect(calls).toEqual(["load 1", "load 2", "show 1", "show 2", "show 1"]);
  });

  it("shows why a widget failed, and still shows the others", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const load = async () => ({
      render: ({ el }: { el: HTMLElement }) => {
        el.textContent = "fine";
      },
    });
    const root = document.createElement("main");
    await openPage(page([entry("missing"), entry("one")]), root, signal, load);
    expect(root.querySelector("[role=alert]")?.textContent).toContain('no module named "missing"');
    expect(root.textContent).toContain("fine");
  });
});

describe("a damaged page", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
  afterEach(() => vi.restoreAllMocks());

  /** Opens a document as a browser does: the script runs once the page is there. */
  async function opened(data: string | null, main = '<main id="attn-widgets-root">Opening</main>') {
    document.body.innerHTML = main;
    if (data !== null) {
      const script = document.createElement("script");
      Object.assign(script, { type: "application/json", id: "attn-widgets", textContent: data });
      document.body.append(script);
    }
    vi.resetModules();
    await import("../../../js/src/host/standalone.ts");
    await settle();
    return [...document.querySelectorAll("[role=alert]")].map((box) => box.textContent);
  }

  it.each([
    ["cut short", '{"modules": {"one": "ex'],
    ["empty", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["without widgets", '{"modules": {}, "styles": {}}'],
    ["with no widget in it", '{"modules": {}, "styles": {}, "widgets": []}'],
    ["without styles or modules", '{"widgets": [{"module": "one", "state": {}, "buffers": []}]}'],
    ["with a widget that is none", '{"modules": {}, "styles": {}, "widgets": [null]}'],
  ])("says so when its data is %s", async (_, data) => {
    const said = await opened(data);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/could not be (read|shown)/);
    expect(document.body.textContent).not.toContain("Opening");
    expect(console.error).toHaveBeenCalled();
  });

  it("says so when its data is not there, or no place for it", async () => {
    expect((await opened(null))[0]).toContain("holds no data");
    expect((await opened("{}", ""))[0]).toContain("could not be read");
  });

  const fine = { module: "one", state: {}, buffers: [] };
  const load = async () => ({
    render: ({ el }: { el: HTMLElement }) => el.append("fine"),
  });
  const said = async (...widgets: unknown[]) => {
    const root = document.createElement("main");
    const signal = new AbortController().signal;
    await openPage(page(widgets as Page["widgets"]), root, signal, load);
    return root;
  };

  it.each([
    ["whose bytes are not base64", { ...fine, buffers: [[["data"], "?!"]] }, "data"],
    ["whose bytes belong nowhere", { ...fine, buffers: [[["gone", "data"], "AA=="]] }, "gone/data"],
    ["without a state", { module: "one", buffers: [] }, "state"],
    ["without a list of bytes", { module: "one", state: {} }, "buffers"],
    ["of a name only an object knows", { ...fine, module: "toString" }, "toString"],
  ])("names a widget %s, and shows the others", async (_, damaged, where) => {
    const root = await said(damaged, fine);
    expect(root.querySelectorAll("[role=alert]")).toHaveLength(1);
    expect(root.querySelector("[role=alert]")?.textContent).toContain(where);
    expect(root.lastElementChild?.textContent).toBe("fine");
  });

  it("says so of a module that shows nothing", async () => {
    const root = document.createElement("main");
    await openPage(page([fine] as never), root, new AbortController().signal, async () => ({}));
    expect(root.querySelector("[role=alert]")?.textContent).toContain("nothing to show");
  });
});
