// One queue of work for the frames of a page.
import { eachFrame, eachMove, nextFrame } from "../../../js/src/kit/frames.ts";
import { handFrames } from "../support.ts";

let page: AbortController;
let frame: () => number;
let did: string[];
const note = (what: string) => () => void did.push(what);

beforeEach(() => {
  page = new AbortController();
  did = [];
  frame = handFrames();
});
afterEach(() => vi.unstubAllGlobals());

it("does what is asked for several times once", () => {
  const draw = eachFrame(note("draw"), page.signal);
  draw();
  draw();
  frame();
  expect(did).toEqual(["draw"]);
  expect(frame(), "nothing is left to do").toBe(0);
});

it("does what is asked for within a frame in that frame, however many steps it takes", () => {
  const draw = eachFrame(note("draw"), page.signal);
  const step = eachFrame(() => draw(), page.signal);
  eachMove(() => step(), page.signal)();
  frame();
  expect(did).toEqual(["draw"]);
});

it("hears of the pointer before it draws", () => {
  eachFrame(note("draw"), page.signal)();
  eachMove(note("follow"), page.signal)();
  frame();
  expect(did).toEqual(["follow", "draw"]);
});

it("leaves for the next frame what goes on, and what is left over", () => {
  const draw = eachFrame(() => {
    note("draw")();
    goOn();
    draw();
  }, page.signal);
  const goOn = nextFrame(note("go on"), page.signal);
  draw();
  frame();
  expect(did).toEqual(["draw"]);
  frame();
  expect([...did].sort()).toEqual(["draw", "draw", "go on"]);
});

it("does the rest although one of it fails", () => {
  eachFrame(() => {
    throw new Error("broken");
  }, page.signal)();
  eachFrame(note("draw"), page.signal)();
  expect(frame).toThrow("broken");
  frame();
  expect(did).toEqual(["draw"]);
});

it("does nothing once the signal ended", () => {
  const draw = eachFrame(note("draw"), page.signal);
  draw();
  page.abort();
  draw();
  frame();
  expect(did).toEqual([]);
});

it("is one for copies of this file in other bundles", async () => {
  vi.resetModules();
  const other = await import("../../../js/src/kit/frames.ts");
  expect(other.eachFrame).not.toBe(eachFrame);
  const there = other.eachFrame(note("there"), page.signal);
  eachFrame(() => there(), page.signal)();
  frame();
  expect(did).toEqual(["there"]);
});
