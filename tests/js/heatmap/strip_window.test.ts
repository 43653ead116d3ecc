import {
  strongestOutside,
  WHOLE,
  WINDOW,
  windowAround,
} from "../../../js/src/heatmap/strip_window.ts";

describe("the window of a strip", () => {
  it("is all of a text that a page can hold", () => {
    expect(windowAround(WHOLE, 700)).toEqual([0, WHOLE]);
    expect(windowAround(3, 2)).toEqual([0, 3]);
  });

  it("lies around the place, and within the text", () => {
    expect(windowAround(8192, 4000)).toEqual([3800, 4200]);
    expect(windowAround(8192, 10)).toEqual([0, WINDOW]);
    expect(windowAround(8192, 8191)).toEqual([8192 - WINDOW, 8192]);
  });
});

describe("what is strong outside of it", () => {
  it("is named by value, largest first, only where it counts", () => {
    const values: Record<number, number> = { 12: 0.3, 5: 0.4, 500: 0.9, 999: 0.35, 700: 0.001 };
    const found = strongestOutside((i) => values[i] ?? null, 1000, [400, 600]);
    expect(found.map(({ index }) => index)).toEqual([5, 999, 12]);
    expect(found[0].value).toBe(0.4);
  });

  it("is no more than a handful, and of signed values the farthest from 0", () => {
    const found = strongestOutside((i) => (i % 2 ? -1 : 1) * (1000 - i), 1000, [400, 600]);
    expect(found.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(found[1].value).toBe(-999);
  });
});
