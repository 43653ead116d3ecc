// A change and its three parts -> one sentence.

import { signed } from "./numbers.ts";
import type { Effects, Measure } from "./results.ts";
import { logitOf } from "./section.ts";

export type MeasureName = keyof Effects["measures"];

/** Smaller than this beside the numbers that were subtracted is rounding. */
const ROUNDING = 1e-5;

function nothingChanged({ cells, total, ov, qk, interaction }: Measure): boolean {
  const size = Math.max(1, ...cells.flat().map(Math.abs));
  return [total, ov, qk, interaction].every((part) => Math.abs(part) <= ROUNDING * size);
}

function subject(name: MeasureName, { target, versus }: Effects): Node[] {
  if (name === "kl") return [new Text("the divergence from the baseline\u2019s prediction (nats)")];
  return logitOf(target.text, name === "difference" ? (versus?.text ?? null) : null);
}

export function effectSentence(name: MeasureName, measure: Measure, effects: Effects): Node[] {
  const what = subject(name, effects);
  if (nothingChanged(measure)) {
    return [new Text("The edit does not change "), ...what, new Text(".")];
  }
  const { total, ov, qk, interaction } = measure;
  return [
    new Text(`Of the change of ${signed(total)} in `),
    ...what,
    new Text(
      `, ${signed(ov)} came through what is moved (OV), ${signed(qk)} through where it is moved` +
        ` from (QK) and ${signed(interaction)} through both together.`,
    ),
  ];
}
