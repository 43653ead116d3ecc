import { linkModels, openPage, type Page, StaticModel, stateOf } from "../../js/src/standalone.ts";

const page = (widgets: Page["widgets"], modules = { one: "" }): Page => ({
  modules,
  styles: {},
  widgets,
  linked: ["layer", "query"],
});

describe("linkModels", () => {
  it("carries a change to every other model, once, and ends", () => {
    const models = [1, 2, 3].map(() => new StaticModel({ layer: 0, query: null }));
    linkModels(models, ["layer", "query"]);
    const heard: string[] = [];
    models.forEach((model, i) => {
      model.on("change:layer", () => heard.push(`${i}:${model.get("layer")}`));
    });
    models[1].set("layer", 5);
    expect(models.map((model) => model.get("layer"))).toEqual([5, 5, 5]);
    expect(heard.sort()).toEqual(["0:5", "1:5", "2:5"]);
    models[2].set("query", 0);
    models[0].set("query", null);
    expect(models.map((model) => model.get("query"))).toEqual([null, null, null]);
  });

  it("leaves models without the trait alone", () => {
    const other = new StaticModel({ prompt: "" });
    linkModels([new StaticModel({ layer: 0 }), other], ["layer"]);
    expect(other.get("layer")).toBeUndefined();
  });
});

it("puts bytes where they belong, also in lists", () => {
  const state = stateOf({
    module: "one",
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
    models[0].set("layer", 3);
    expect(models[1].get("layer")).toBe(3);
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
