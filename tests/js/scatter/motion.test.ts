// What moves on the map: pictures that glide where painting is slow, fewer points while they are turned.

import { atRest } from "../../../js/src/kit/rest.ts";
import { hiddenInTurn } from "../../../js/src/scatter/drawing_order.ts";
import { glide } from "../../../js/src/scatter/glide.ts";
import { type Screen, toScreen } from "../../../js/src/scatter/screen.ts";

/** A screen whose next frame can be late. */
let now = 0;
let late = 0;
let waiting: FrameRequestCallback[] = [];

beforeEach(() => {
  [now, late, waiting] = [0, 0, []];
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.stubGlobal("requestAnimationFrame", (fn: FrameRequestCallback) => waiting.push(fn));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const UNZOOMED: Screen = { width: 400, height: 300, k: 1, x: 0, y: 0, reach: [1, 1], top: 34 };
const frames = (n: number) => {
  for (let i = 0; i < n; i++) {
    now += Math.max(16, late);
    late = 0;
    for (const fn of waiting.splice(0)) fn(now);
  }
};

/** A glide over a painter that needs so many milliseconds, and what was painted. */
function gliding(slowness: number) {
  const picture = document.createElement("canvas");
  const painted: Screen[] = [];
  const end = new AbortController();
  const gliding = glide(
    picture,
    (screen) => {
      painted.push(screen);
      requestAnimationFrame(() => {
        gliding.painted();
        late = slowness;
      });
    },
    end.signal,
  );
  const view = (k: number, x: number, y: number) => {
    const screen = { ...UNZOOMED, k, x, y };
    gliding.view(screen);
    return screen;
  };
  view(1, 0, 0);
  frames(6);
  return { picture, painted, view, gliding, end };
}

/** Views that are each painted, as far as the painter's pace is not known. */
function getKnown(one: ReturnType<typeof gliding>): Screen {
  for (let i = 1; i <= 3; i++) {
    one.view(1, i, 0);
    frames(6);
  }
  const known = one.view(1.5, 12, -7);
  frames(30);
  one.painted.length = 0;
  return known;
}

describe("the picture", () => {
  test("is painted anew at every view where that is quick", () => {
    const one = gliding(5);
    getKnown(one);
    const views = [one.view(1, 10, 0), one.view(1, 20, 0), one.view(2, 20, 5)];
    expect(one.painted).toEqual(views);
    frames(3);
    expect(one.picture.style.transform).toBe("");
  });

  test("moves along where painting is slow, and is painted once it rests", () => {
    const one = gliding(200);
    const shown = getKnown(one);
    one.view(1, 30, 0);
    frames(2);
    const last = one.view(3, -40, 25);
    expect(one.painted).toEqual([]);

    const numbers = one.picture.style.transform.match(/-?[\d.]+/g)?.map(Number) ?? [];
    const [dx, dy, scale] = numbers;
    for (const [x, y] of [
      [0, 0],
      [0.7, -0.3],
    ]) {
      const before = toScreen(shown, x, y);
      const moved = [before[0] * scale + dx, before[1] * scale + dy];
      const wanted = toScreen(last, x, y);
      expect(moved[0]).toBeCloseTo(wanted[0]);
      expect(moved[1]).toBeCloseTo(wanted[1]);
    }

    frames(30);
    expect(one.painted).toEqual([last]);
    expect(one.picture.style.transform).toBe("");
  });

  test("is painted at once in a room of another size", () => {
    const one = gliding(200);
    getKnown(one);
    const wider = { ...UNZOOMED, width: 700 };
    one.gliding.view(wider);
    expect(one.painted).toEqual([wider]);
  });

  test("is not waited for after the end", () => {
    const one = gliding(200);
    getKnown(one);
    one.view(1, 30, 0);
    one.end.abort();
    frames(30);
    expect(one.painted).toEqual([]);
  });
});

test("a change rests when nothing followed for some time and some frames", () => {
  const rested = vi.fn();
  const changed = atRest(rested, new AbortController().signal);
  for (let i = 0; i < 20; i++) {
    changed();
    frames(4);
  }
  changed();
  // the time is over, but one long frame is no rest
  late = 500;
  frames(1);
  expect(rested).not.toHaveBeenCalled();
  frames(12);
  expect(rested).toHaveBeenCalledTimes(1);
  changed();
  frames(12);
  expect(rested).toHaveBeenCalledTimes(2);
});

describe("while points are turned", () => {
  test("few are all painted", () => {
    const hidden = Uint8Array.from([0, 1, 0]);
    expect(hiddenInTurn(hidden, new Set())).toBe(hidden);
  });

  test("many are painted in part: some of every head and prompt, and all that are selected", () => {
    const [heads, prompts] = [270, 370];
    const hidden = new Uint8Array(heads * prompts);
    hidden[5] = 1;
    const selected = new Set([11, 12, 13, 14]);
    const unseen = hiddenInTurn(hidden, selected);
    expect(unseen[5]).toBe(1);
    for (const point of selected) expect(unseen[point]).toBe(0);
    const seen = [...unseen.keys()].filter((point) => !unseen[point]);
    expect(seen.length).toBeGreaterThan(11_000);
    expect(seen.length).toBeLessThan(13_000);
    expect(new Set(seen.map((point) => point % heads)).size).toBe(heads);
    expect(new Set(seen.map((point) => Math.floor(point / heads))).size).toBe(prompts);
    expect(hidden.reduce((total, flag) => total + flag)).toBe(1);
  });
});
