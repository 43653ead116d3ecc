// Where cards and dialogs lie: beside what they speak of, and never outside the widget.
import { belowOf, besideOf, keepIn } from "../../../js/src/kit/popup.ts";

const RANGE = { from: 0, to: 200 };

describe("a popup beside a point", () => {
  it("lies on the side with more room", () => {
    expect(besideOf(20, 50, RANGE, 14)).toBe(34);
    expect(besideOf(180, 50, RANGE, 14)).toBe(116);
  });

  it("is moved inside where neither side has the room", () => {
    for (const at of [0, 60, 100, 101, 140, 200]) {
      const start = besideOf(at, 170, RANGE, 14);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start + 170).toBeLessThanOrEqual(200);
    }
  });

  it("begins where the widget begins when it is wider than the widget", () => {
    expect(besideOf(150, 300, RANGE, 14)).toBe(0);
    expect(keepIn(-500, 300, { from: -20, to: 100 })).toBe(-20);
  });

  it("reckons from the widget's edge, which may lie left of the plot", () => {
    expect(besideOf(90, 110, { from: -60, to: 100 }, 10)).toBe(-30);
    expect(keepIn(-100, 40, { from: -60, to: 100 })).toBe(-60);
  });
});

describe("a popup at an anchor", () => {
  it("opens below, or above where there is no room below", () => {
    expect(belowOf({ from: 20, to: 40 }, 100, RANGE, 4)).toBe(44);
    expect(belowOf({ from: 150, to: 170 }, 100, RANGE, 4)).toBe(46);
  });

  it("stays inside where there is no room on either side", () => {
    expect(belowOf({ from: 80, to: 100 }, 150, RANGE, 4)).toBe(50);
  });
});
