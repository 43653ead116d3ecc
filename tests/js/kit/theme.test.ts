// What a widget learns of the page's colours, also where it was rendered before it stood on the page.
import { eachFrame } from "../../../js/src/kit/frames.ts";
import { followTheme, isDark } from "../../../js/src/kit/theme.ts";
import { settle } from "../support.ts";

/** Calls what observes the size of an element, as a browser does once the element has one. */
function sizes() {
  const observed = new Map<Element, () => void>();
  class Observer {
    readonly #fn: () => void;
    constructor(fn: () => void) {
      this.#fn = fn;
    }
    observe = (element: Element) => void observed.set(element, this.#fn);
    disconnect() {
      for (const [element, fn] of observed) if (fn === this.#fn) observed.delete(element);
    }
  }
  vi.stubGlobal("ResizeObserver", Observer);
  return { observed, got: (element: Element) => observed.get(element)?.() };
}

let style: HTMLStyleElement;
beforeEach(() => {
  style = document.createElement("style");
  style.textContent =
    '.aw-root { --aw-text: black } .aw-root[data-aw-theme="dark"] { --aw-text: white }';
  document.head.append(style);
});
afterEach(() => {
  vi.unstubAllGlobals();
  style.remove();
  delete document.body.dataset.jpThemeLight;
});

function root() {
  const element = document.createElement("div");
  element.className = "aw-root";
  const changed = vi.fn();
  const closed = new AbortController();
  const theme = followTheme(element, changed, closed.signal);
  return { element, changed, theme, close: () => closed.abort() };
}

it("reads its colours again once it is attached to a dark page, and says so", () => {
  const { got, observed } = sizes();
  document.body.dataset.jpThemeLight = "false";
  const { element, changed, theme, close } = root();
  expect(theme().dark).toBe(true);
  document.body.append(element);
  got(element);
  expect(changed).toHaveBeenCalledTimes(1);
  expect(theme()).toMatchObject({ dark: true, text: "white" });
  close();
  expect(observed.size).toBe(0);
});

it("does so each time it comes back to a page that took it away", async () => {
  const { got } = sizes();
  const { element, changed, theme, close } = root();
  document.body.append(element);
  expect(theme().text).toBe("black");
  element.remove();
  document.body.dataset.jpThemeLight = "false";
  await settle();
  theme(); // heard of the dark page, but could not read its colours
  document.body.append(element);
  got(element);
  expect(theme().text).toBe("white");
  expect(changed).toHaveBeenCalled();
  close();
});

it("stays as it is when only its size changes", () => {
  const { got } = sizes();
  const { element, changed, theme, close } = root();
  document.body.append(element);
  const before = theme();
  got(element);
  expect(changed).not.toHaveBeenCalled();
  expect(theme()).toBe(before);
  close();
});

describe("on paper", () => {
  it("a dark page is light, and what waits for a frame is drawn before the print, in the new colours", () => {
    document.body.dataset.jpThemeLight = "false";
    const { element, changed, theme, close } = root();
    document.body.append(element);
    const drawn: boolean[] = [];
    const draw = eachFrame(() => drawn.push(theme().dark), new AbortController().signal);
    changed.mockImplementation(draw);
    draw();
    window.dispatchEvent(new Event("beforeprint"));
    expect(element.dataset.awTheme).toBe("print");
    expect(drawn).toEqual([false]);
    window.dispatchEvent(new Event("afterprint"));
    expect(element.dataset.awTheme).toBe("dark");
    close();
    window.dispatchEvent(new Event("beforeprint"));
    expect(element.dataset.awTheme).toBe("dark");
  });

  it("a drawing that was made before the print is not made again after it", async () => {
    const draw = vi.fn();
    eachFrame(draw, new AbortController().signal)();
    window.dispatchEvent(new Event("beforeprint"));
    await settle();
    expect(draw).toHaveBeenCalledTimes(1);
  });
});

it("where the system forces its colours, they say what is dark, not the page", () => {
  document.body.dataset.jpThemeLight = "true";
  const ask = vi.spyOn(globalThis, "matchMedia");
  const says = (yes: string[]) =>
    ask.mockImplementation((query) => ({ matches: yes.includes(query) }) as MediaQueryList);
  says(["(forced-colors: active)", "(prefers-color-scheme: dark)"]);
  expect(isDark()).toBe(true);
  says(["(prefers-color-scheme: dark)"]);
  expect(isDark()).toBe(false);
  ask.mockRestore();
});
