import { DIM_AFTER, waitingMark } from "../../../js/src/kit/waiting.ts";

function marked() {
  const element = document.createElement("div");
  const closed = new AbortController();
  return { element, closed, mark: waitingMark(element, closed.signal) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("says at once that something is waited for, and dims only what waits long", () => {
  const { element, mark } = marked();
  mark(true);
  expect(element.className).toBe("aw-waiting");
  vi.advanceTimersByTime(DIM_AFTER / 2);
  mark(true); // the same wait
  vi.advanceTimersByTime(DIM_AFTER / 2);
  expect(element.className).toBe("aw-waiting aw-dimmed");
  mark(false);
  expect(element.className).toBe("");
});

it("dims nothing once the answer is there, or the view is closed", () => {
  const { element, closed, mark } = marked();
  mark(true);
  mark(false);
  vi.advanceTimersByTime(DIM_AFTER * 2);
  expect(element.className).toBe("");
  mark(true);
  closed.abort();
  vi.advanceTimersByTime(DIM_AFTER * 2);
  expect(element.className).toBe("aw-waiting");
});
