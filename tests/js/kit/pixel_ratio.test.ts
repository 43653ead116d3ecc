// A screen of another resolution: canvases are drawn again for it, though nothing on the page changed its size.
import headGrid from "../../../js/src/grid/widget.ts";
import heatmap from "../../../js/src/heatmap/widget.ts";
import { FakeModel, gridTraits, heatmapTraits, settle } from "../support.ts";

/** A window that is dragged between screens: the media query says so, and no resize is heard. */
function screens() {
  const listeners = new Set<() => void>();
  vi.stubGlobal("devicePixelRatio", 1);
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: false,
    addEventListener(_: string, fn: () => void, { signal, once }: AddEventListenerOptions) {
      if (!query.includes("resolution")) return;
      const heard = () => {
        if (once) listeners.delete(heard);
        fn();
      };
      listeners.add(heard);
      signal?.addEventListener("abort", () => listeners.delete(heard));
    },
  }));
  return {
    listeners,
    async move(ratio: number) {
      vi.stubGlobal("devicePixelRatio", ratio);
      for (const fn of [...listeners]) fn();
      await settle();
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

it.each([
  ["grid", headGrid, gridTraits(), ".aw-grid-canvas"],
  ["heatmap", heatmap, heatmapTraits(), ".aw-heatmap-canvas"],
] as const)("%s is as sharp as each screen it is moved to", async (_, widget, traits, name) => {
  const screen = screens();
  const el = document.createElement("div");
  document.body.append(el);
  const closed = new AbortController();
  widget.render({ model: new FakeModel(traits as never) as never, el, signal: closed.signal });
  await settle();
  const canvas = el.querySelector<HTMLCanvasElement>(name)!;
  for (const ratio of [2, 1, 3]) {
    await screen.move(ratio);
    expect(canvas.width / Number.parseFloat(canvas.style.width)).toBeCloseTo(ratio, 1);
  }
  closed.abort();
  expect(screen.listeners.size).toBe(0);
});

it("the grid is drawn again where a resize brings the other resolution", async () => {
  screens();
  const el = document.createElement("div");
  document.body.append(el);
  headGrid.render({ model: new FakeModel(gridTraits()), el });
  await settle();
  vi.stubGlobal("devicePixelRatio", 2);
  window.dispatchEvent(new Event("resize"));
  await settle();
  const canvas = el.querySelector<HTMLCanvasElement>(".aw-grid-canvas")!;
  expect(canvas.width).toBe(2 * Number.parseFloat(canvas.style.width));
});
