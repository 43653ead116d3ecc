// Ticks of an axis: round, few enough, with the decimals that tell them apart.
import { ticksBetween, tickText } from "../../../js/src/scatter/ruler.ts";

const written = (low: number, high: number, most: number) => {
  const ticks = ticksBetween(low, high, most);
  return ticks.map((tick) => tickText(tick, ticks[1] - ticks[0]));
};

test("ticks are round numbers inside the range", () => {
  expect(written(0, 1, 5)).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  expect(written(0, 29, 6)).toEqual(["0", "5", "10", "15", "20", "25"]);
  expect(written(-0.013, 0.021, 4)).toEqual(["\u22120.01", "0.00", "0.01", "0.02"]);
  expect(written(1_200, 9_000, 4)).toEqual(["2000", "4000", "6000", "8000"]);
});

test("a range of one value, or none, has no ticks", () => {
  expect(ticksBetween(1, 1, 5)).toEqual([]);
  expect(ticksBetween(0, Number.NaN, 5)).toEqual([]);
});
