// The site of an atlas: the list sorts and filters, addresses lead to heads, files are loaded as scripts.
import type { WirePage } from "../../../js/src/dossier/wire.ts";
import { decodeTable } from "../../../js/src/dossier/wire.ts";
import type { PagePart } from "../../../js/src/host/page_state.ts";
import { addressOf, nameIn } from "../../../js/src/site/address.ts";
import { pageLoader } from "../../../js/src/site/load.ts";
import { openSite } from "../../../js/src/site/page.ts";
import { rowsOf } from "../../../js/src/site/rows.ts";
import { NAMES, wirePage, wireTable } from "../dossier/support.ts";
import { settle } from "../support.ts";

const table = decodeTable(wireTable())!;
const everything = { text: "", only: {} };
const named = (rows: number[]) => rows.map((i) => NAMES[i]);

describe("the list of heads", () => {
  it("is in the order of the atlas, or of a column, missing values last either way", () => {
    expect(named(rowsOf(table, everything, { by: "", descending: false }))).toEqual(NAMES);
    const least = rowsOf(table, everything, { by: "induction", descending: false });
    const most = rowsOf(table, everything, { by: "induction", descending: true });
    expect([NAMES[least[0]], NAMES[most[0]]]).toEqual(["a:L0H0", "a:L1H0"]);
    expect([NAMES[least[7]], NAMES[most[7]]]).toEqual(["b:L0H1", "b:L0H1"]);
    expect(
      named(rowsOf(table, everything, { by: "motif", descending: false })).slice(0, 3),
    ).toEqual(["a:L1H0", "a:L1H1", "b:L1H1"]);
  });

  it("has those that have all words in their name or texts, and what is chosen", () => {
    const order = { by: "", descending: false };
    expect(named(rowsOf(table, { text: "L1 INDUCTION", only: {} }, order))).toEqual([
      "a:L1H0",
      "a:L1H1",
      "b:L1H1",
    ]);
    const only = { model: "b", motif: "induction" };
    expect(named(rowsOf(table, { text: "", only }, order))).toEqual(["b:L1H1"]);
  });
});

it("writes addresses that can be read and shared", () => {
  for (const name of ["gpt2:L5H1", "meta-llama/Llama-3:L0H0", "toy@3:L1H1", "50% & more:L0H0"]) {
    expect(nameIn(addressOf(name))).toBe(name);
  }
  expect(addressOf("meta-llama/Llama-3:L0H0")).toBe("#meta-llama/Llama-3:L0H0");
  expect(nameIn("#%E0%A4%A")).toBe("");
});

/** Bytes as base64, each with its place, as `with_base64` of buffers.py writes them. */
function part(state: unknown): PagePart {
  const buffers: PagePart["buffers"] = [];
  const walk = (value: unknown, path: (string | number)[]): unknown => {
    if (value instanceof DataView) {
      buffers.push([path, btoa(String.fromCharCode(...new Uint8Array(value.buffer)))]);
      return null;
    }
    if (Array.isArray(value)) return value.map((one, i) => walk(one, [...path, i]));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(v, [...path, k])]));
    return value;
  };
  return { state: walk(state, []) as PagePart["state"], buffers };
}

/** What the browser does with a script of the site. */
function browser(files: Record<string, () => void>) {
  const asked: string[] = [];
  return {
    asked,
    add(script: HTMLScriptElement) {
      const file = script.getAttribute("src")!;
      asked.push(file);
      queueMicrotask(() => {
        if (!files[file]) return script.onerror?.(new Event("error"));
        files[file]();
        script.onload?.(new Event("load"));
      });
    },
  };
}

describe("files of heads", () => {
  const say = (number: number, page: WirePage) => () =>
    globalThis.attnWidgetsSite!(number, part(page));

  it("are loaded once, and again where that failed", async () => {
    const files: Record<string, () => void> = { "heads/2.js": say(2, wirePage()) };
    const { asked, add } = browser(files);
    const load = pageLoader("heads", add);
    const [one, same] = await Promise.all([load(2), load(2)]);
    expect(one.name).toBe("a:L1H0");
    expect(same).toBe(one);
    expect(asked).toEqual(["heads/2.js"]);
    await expect(load(3)).rejects.toThrow("heads/3.js could not be loaded");
    files["heads/3.js"] = say(3, wirePage("a:L1H1"));
    expect((await load(3)).name).toBe("a:L1H1");
    files["heads/4.js"] = () => {};
    await expect(load(4)).rejects.toThrow("heads/4.js is damaged: it holds no page");
  });
});

describe("the site", () => {
  let end = new AbortController();
  beforeEach(() => {
    end = new AbortController();
    location.hash = "";
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        observe() {}
        disconnect() {}
      },
    );
  });
  afterEach(() => {
    end.abort();
    vi.unstubAllGlobals();
  });

  function open() {
    const root = document.createElement("main");
    document.body.append(root);
    const state = { title: "Atlas of <a>", files: "heads", passages: 5, table: wireTable() };
    openSite(part(state), root, end.signal);
    return root;
  }

  it("lists all heads with their addresses, and sorts by a click on a column", () => {
    const root = open();
    const links = () => [...root.querySelectorAll("tbody a")].map((a) => a.getAttribute("href"));
    expect(links()).toEqual(NAMES.map(addressOf));
    expect(root.querySelector("h1")?.textContent).toBe("Atlas of <a>");
    const column = root.querySelector<HTMLElement>('[data-column="induction"]')!;
    column.click();
    expect(links()[0]).toBe("#a:L1H0");
    expect(column.closest("th")?.getAttribute("aria-sort")).toBe("descending");
    column.click();
    expect(links()[0]).toBe("#a:L0H0");
    expect(root.querySelector('[data-column="induction_std"]')).toBeNull();
    root.querySelector<HTMLInputElement>("input[type=checkbox]")!.click();
    expect(root.querySelector('[data-column="induction_std"]')).not.toBeNull();
  });

  it("says so where an address names no head", async () => {
    const root = open();
    location.hash = "#a:L9H9";
    window.dispatchEvent(new Event("hashchange"));
    await settle();
    expect(root.querySelector<HTMLElement>(".aw-site-list")!.hidden).toBe(true);
    expect(root.querySelector("[role=alert]")?.textContent).toContain('no head "a:L9H9"');
    location.hash = "";
    window.dispatchEvent(new Event("hashchange"));
    expect(root.querySelector<HTMLElement>(".aw-site-list")!.hidden).toBe(false);
  });
});
