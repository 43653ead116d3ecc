// Where a head stands among others, and how numbers are written.
import { bars } from "../../../js/src/dossier/bars.ts";
import { BINS, binOf, rankOf, short, spreadOf } from "../../../js/src/dossier/numbers.ts";
import { middleOf } from "../../../js/src/dossier/strengths.ts";
import { besideIn, walkOf } from "../../../js/src/dossier/walk.ts";
import { decodeTable } from "../../../js/src/dossier/wire.ts";
import { NAMES, wireTable } from "./support.ts";

const table = decodeTable(wireTable())!;
const induction = table.columns.find(({ name }) => name === "induction")!;

it("ranks the most first, equal ones alike, and none without a value", () => {
  const own = (i: number) => table.model[i] === 0;
  expect(rankOf(induction.values!, 2, own)).toEqual({ rank: 1, of: 4 });
  expect(rankOf(induction.values!, 1, own)).toEqual({ rank: 2, of: 4 });
  expect(rankOf(induction.values!, 3, own)).toEqual({ rank: 2, of: 4 });
  expect(rankOf(induction.values!, 5, () => true)).toBeNull();
});

it("counts heads in bins from the least to the most of all models", () => {
  const spread = spreadOf(table, induction, 0)!;
  expect([spread.low, spread.high].map((value) => value.toFixed(2))).toEqual(["0.10", "0.90"]);
  expect(spread.own.reduce((sum, n) => sum + n)).toBe(4);
  expect(spread.all.reduce((sum, n) => sum + n)).toBe(7);
  expect([spread.own[0], spread.own[BINS - 1]]).toEqual([1, 1]);
  expect(spreadOf(table, induction, 0)).toBe(spread);
  expect(binOf(5, 5, 5)).toBe(0);
});

it("walks in the order of a score, those without a value last", () => {
  expect(walkOf(table, [], "b:L0H0", "induction")).toEqual([
    "b:L1H1",
    "b:L1H0",
    "b:L0H0",
    "b:L0H1",
  ]);
  expect(walkOf(table, [], "b:L0H0", "")).toEqual(NAMES.slice(4));
  expect(walkOf(table, ["a:L0H0", "gone:L0H0"], "b:L0H0", "")).toEqual(["a:L0H0"]);
  expect(besideIn(["x", "y"], "z")).toEqual({ at: -1, previous: null, next: "x" });
});

it("writes three figures at most", () => {
  expect([0, 0.0001, 0.004, 0.25, 12.34, 40, 1234, -0.5].map(short)).toEqual([
    "0.00",
    "< 0.001",
    "0.004",
    "0.25",
    "12.3",
    "40",
    "1234",
    "\u22120.50",
  ]);
  expect([Number.NaN, null, undefined].map(short)).toEqual(["\u2013", "\u2013", "\u2013"]);
});

it("finds the weight that half of the cells stay below", () => {
  expect(middleOf(Uint32Array.of(0, 2, 2, 0))).toBe(0.5);
  expect(middleOf(Uint32Array.of(4, 0, 0, 0))).toBe(0.125);
  expect(middleOf(new Uint32Array(4))).toBeNull();
});

it("draws a bar where there is a count, and the mark inside", () => {
  const svg = bars(Uint32Array.of(0, 4, 1), 2);
  expect(svg.querySelector(".aw-bars-own")?.getAttribute("d")).toBe(
    "M1 40v-40h1v40zM2 40v-20h1v20z",
  );
  expect(svg.querySelector(".aw-bars-mark")?.getAttribute("x1")).toBe("3");
  expect(svg.querySelector(".aw-bars-behind")).toBeNull();
});
