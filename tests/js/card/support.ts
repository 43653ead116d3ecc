// A made-up card: a head and two of its relatives on three prompts.
import type { Relative } from "../../../js/src/card/rows.ts";
import type { HeadCardTraits } from "../../../js/src/card/traits.ts";
import type { WireCard } from "../../../js/src/card/wire.ts";

export const SIDE = 2;
export const row = (name: string, changes: Partial<Relative> = {}): Relative => ({
  name,
  layer: Number(name[1]),
  head: Number(name[3]),
  model: "toy",
  relation: "nearest",
  distance: 0.5,
  classes: [],
  ...changes,
});

export function wireCard(changes: Partial<WireCard> = {}): WireCard {
  const rows = [
    row("L0H1", { relation: "self", distance: 0 }),
    row("L1H2", { distance: 0.25, classes: ["induction", "<b>own</b>"] }),
    row("L1H0", { relation: "far", distance: 1 }),
  ];
  const columns = [
    { text: "the cat", prompt: "the cat" },
    { text: "the d\u2026", prompt: "the dog sat" },
    { text: "ids", prompt: "" },
  ];
  const codes = new Uint8Array(rows.length * columns.length * SIDE * SIDE);
  for (let i = 0; i < codes.length; i += SIDE * SIDE) codes.set([255, 0, i, 128], i);
  return {
    head: "L0H1",
    model: "toy",
    columns,
    rows,
    thumbs: {
      data: new DataView(codes.buffer),
      dtype: "uint8",
      shape: [9, SIDE, SIDE],
      cells: Array(9).fill(SIDE),
    },
    ...changes,
  };
}

export const cardTraits = (changes: Partial<HeadCardTraits> = {}): HeadCardTraits => ({
  card: wireCard(),
  current: "L0H1",
  layer: 0,
  head: 1,
  model_name: "toy",
  prompt: "",
  palette: "blues",
  links: [],
  busy: false,
  progress: 0,
  error: "",
  editable: true,
  ...changes,
});
