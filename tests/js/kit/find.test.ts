import { finder } from "../../../js/src/kit/find.ts";
import { findBox } from "../../../js/src/kit/find_box.ts";

const TOKENS = ["<bos>", " The", " cat", " sat", ".", " The", " Cat", "nap", " 12"];

describe("find", () => {
  const places = (wanted: string, tokens = TOKENS, between = "") =>
    finder(tokens, between)(wanted).map(({ from, to }) => [from, to]);

  it("finds words and phrases across tokens, in small letters whatever their case", () => {
    expect(places("cat")).toEqual([
      [2, 2],
      [6, 6],
    ]);
    expect(places("catnap")).toEqual([[6, 7]]);
    expect(places("the cat")).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  it("takes capitals at their word", () => {
    expect(places("Cat")).toEqual([[6, 6]]);
    expect(places("The cat")).toEqual([[1, 2]]);
  });

  it("takes a number for a position first, then for text", () => {
    expect(places("3")).toEqual([[3, 3]]);
    expect(places("12")).toEqual([[8, 8]]);
    expect(places("1")).toEqual([
      [1, 1],
      [8, 8],
    ]);
    expect(places("99")).toEqual([]);
  });

  it("finds nothing for nothing, and for what is not there", () => {
    expect(places("")).toEqual([]);
    expect(places("  ")).toEqual([]);
    expect(places("dog")).toEqual([]);
  });

  it("puts between words what stands between them", () => {
    expect(places("the cat", ["The", "cat", "sat"], " ")).toEqual([[0, 1]]);
    expect(places("the cat", ["The", "cat", "sat"])).toEqual([]);
  });

  it("is not led astray by letters that grow in lower case, nor by empty tokens", () => {
    expect(places("x", ["\u0130\u0130\u0130", "", "x"])).toEqual([[2, 2]]);
  });
});

describe("the find field", () => {
  const KEYS = ["a", "cat"];
  function opened(keyTokens: readonly string[] = TOKENS) {
    const root = document.createElement("div");
    document.body.append(root);
    const gone: [number, boolean][] = [];
    const said: string[] = [];
    let left = 0;
    const update = findBox(
      root,
      root,
      {
        go: ({ from }, asKey) => gone.push([from, asKey]),
        announce: (text) => said.push(text),
        leave: () => left++,
      },
      new AbortController().signal,
    );
    update({ queryTokens: TOKENS, keyTokens, between: "" });
    const field = root.querySelector("input")!;
    const type = (text: string) => {
      field.value = text;
      field.dispatchEvent(new Event("input"));
    };
    const press = (key: string, more: KeyboardEventInit = {}, at: Element = field) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      at.dispatchEvent(event);
      return event.defaultPrevented;
    };
    const count = () => root.querySelector(".aw-find-count")!.textContent;
    return { root, field, type, press, count, gone, said, update, left: () => left };
  }

  it("goes to the next and the previous place, round and round, and says which", () => {
    const { type, press, count, gone, said } = opened();
    type("cat");
    expect(count()).toBe("2 found");
    press("Enter");
    expect(count()).toBe("1 of 2");
    press("Enter");
    press("Enter");
    press("Enter", { shiftKey: true });
    expect(gone).toEqual([
      [2, false],
      [6, false],
      [2, false],
      [6, false],
    ]);
    expect(said.at(-1)).toBe("2 of 2, position 6");
  });

  it("goes to keys by its switch, and with Alt to the other axis", () => {
    const { root, type, press, gone } = opened();
    type("cat");
    press("Enter", { altKey: true });
    root.querySelector<HTMLElement>(".aw-find-axis")!.click();
    press("Enter");
    press("Enter", { altKey: true });
    expect(gone.map(([, asKey]) => asKey)).toEqual([true, true, false]);
  });

  it("looks through the keys' own text where that is another", () => {
    const { root, type, press, gone } = opened(KEYS);
    type("cat");
    root.querySelector<HTMLElement>(".aw-find-axis")!.click();
    press("Enter");
    expect(gone).toEqual([[1, true]]);
  });

  it("says that there is nothing", () => {
    const { type, press, count, gone, said } = opened();
    type("dog");
    expect(count()).toBe("none");
    press("Enter");
    expect(gone).toEqual([]);
    expect(said).toEqual(["dog is not in the text"]);
  });

  it("is reached by / and by Ctrl+F, but not from where somebody types", () => {
    const { root, field, press } = opened();
    const plot = document.createElement("div");
    const other = document.createElement("textarea");
    root.append(plot, other);
    expect(press("/", {}, plot)).toBe(true);
    expect(document.activeElement).toBe(field);
    field.blur();
    expect(press("/", {}, other)).toBe(false);
    expect(press("f", { ctrlKey: true }, plot)).toBe(true);
    expect(document.activeElement).toBe(field);
    expect(press("f", { ctrlKey: true })).toBe(false); // once more: the browser's own
  });

  it("is left with Escape, empty", () => {
    const { field, type, press, left } = opened();
    type("cat");
    press("Escape");
    expect([field.value, left()]).toEqual(["", 1]);
  });

  it("looks again in another text", () => {
    const { type, count, update } = opened();
    type("cat");
    update({ queryTokens: KEYS, keyTokens: KEYS, between: "" });
    expect(count()).toBe("1 found");
  });
});
