import { headMarks, headWords, sortedHeads, stepPlace } from "../../../js/src/grid/head_marks.ts";
import { placeAt, sortedLayout } from "../../../js/src/grid/layout.ts";
import type { Theme } from "../../../js/src/kit/theme.ts";
import { insets, layerProps, motifLayer } from "../../../js/src/motifs/layer.ts";
import {
  bitsOf,
  bitsText,
  chosen,
  dominantCounts,
  liftText,
  motifNamed,
  scoreOf,
  scoreText,
  shapeOf,
  toggleAuto,
  toggleMotif,
  topMotifs,
} from "../../../js/src/motifs/motifs.ts";
import { decodeMotifs } from "../../../js/src/motifs/wire.ts";
import { headName } from "../../../js/src/pattern/pattern.ts";
import { decodePattern } from "../../../js/src/pattern/wire.ts";
import { wireMotifs, wirePattern } from "../support.ts";

const motifs = decodeMotifs(wireMotifs())!;
const L0H0 = { layer: 0, head: 0 };
const L0H1 = { layer: 0, head: 1 };
const named = (name: string) => motifNamed(motifs, name)!;

describe("decodeMotifs", () => {
  it("finds each head's score, lift, bits and presence", () => {
    expect(scoreOf(motifs, named("stripe"), { layer: 1, head: 2 })).toBeCloseTo(0.25);
    expect(named("stripe").lifts[5]).toBeCloseTo(5.5);
    expect(bitsOf(motifs, named("stripe"), { layer: 1, head: 2 })).toBeCloseTo(2.75);
    expect([...named("stripe").present]).toEqual([1, 0, 0, 0, 0, 0]);
    expect(motifs.dominant[0][1]).toBe("induction");
  });

  it("keeps what cannot be measured apart from zero", () => {
    expect(scoreOf(motifs, named("induction"), { layer: 0, head: 2 })).toBeNaN();
    expect([scoreText(Number.NaN), scoreText(0)]).toEqual(["-", "0.00"]);
    expect([liftText(Number.NaN), liftText(3.14), liftText(203.4)]).toEqual(["-", "3.1x", "203x"]);
    expect([bitsText(Number.NaN), bitsText(0), bitsText(1.26)]).toEqual(["-", "0.0", "1.3"]);
  });

  it.each([1, 2, 4, 7])("reads bytes that start at %i inside a larger buffer", (offset) => {
    const wire = wireMotifs();
    const inside = (data: DataView) => {
      const larger = new Uint8Array(data.byteLength + 20).fill(255);
      larger.set(new Uint8Array(data.buffer as ArrayBuffer), offset);
      return new DataView(larger.buffer, offset, data.byteLength);
    };
    const moved = decodeMotifs({
      ...wire,
      values: { ...wire.values, data: inside(wire.values.data as DataView) },
      present: { ...wire.present, data: inside(wire.present.data as DataView) },
    })!;
    expect(moved.all.map(({ scores }) => [...scores])).toEqual(
      motifs.all.map(({ scores }) => [...scores]),
    );
    expect(moved.all.map(({ present }) => [...present])).toEqual(
      motifs.all.map(({ present }) => [...present]),
    );
  });

  it("takes nothing for nothing, and refuses too few bytes", () => {
    expect(decodeMotifs({})).toBeNull();
    expect(decodeMotifs(null)).toBeNull();
    expect(decodeMotifs(undefined)).toBeNull();
    const wire = wireMotifs();
    const values = { ...wire.values, data: new Uint8Array(8) };
    expect(() => decodeMotifs({ ...wire, values })).toThrow(
      "the motifs' scores has 8 bytes; expected 288 for [3, 4, 2, 3]",
    );
  });
});

describe("what is drawn", () => {
  it("spells out auto for the head, keeps the order, names each once", () => {
    expect(chosen(motifs, ["auto"], L0H0)).toEqual(["previous_token", "stripe"]);
    expect(chosen(motifs, ["auto"], L0H1)).toEqual(["induction"]);
    expect(chosen(motifs, ["induction", "auto", "stripe"], L0H0)).toEqual([
      "induction",
      "previous_token",
      "stripe",
    ]);
    expect(chosen(motifs, ["unheard_of"], L0H0)).toEqual([]);
    expect(chosen(motifs, ["auto"], { layer: 9, head: 0 })).toEqual([]);
  });

  it("puts auto first, and leaves the others when it goes", () => {
    expect(toggleAuto(["induction"])).toEqual(["auto", "induction"]);
    expect(toggleAuto(["auto", "induction"])).toEqual(["induction"]);
  });

  it("switches one on and off, also beside auto", () => {
    const toggle = (overlays: string[], name: string) => toggleMotif(motifs, overlays, L0H0, name);
    expect(toggle([], "induction")).toEqual(["induction"]);
    expect(toggle(["induction"], "induction")).toEqual([]);
    expect(toggle(["auto"], "induction")).toEqual(["auto", "induction"]);
    expect(toggle(["auto", "induction"], "induction")).toEqual(["auto"]);
    // auto would bring it back: what else it chose stays by name
    expect(toggle(["auto"], "stripe")).toEqual(["previous_token"]);
    expect(toggle(["auto", "stripe", "induction"], "stripe")).toEqual([
      "previous_token",
      "induction",
    ]);
  });

  it("has the geometry of the head where each has its own", () => {
    expect(shapeOf(named("stripe"), L0H0)).toEqual({ type: "diagonal", offset: 2 });
    expect(shapeOf(named("stripe"), L0H1)).toBeNull();
    expect(shapeOf(named("diffuse"), L0H0)).toBeNull();
  });

  it("draws nothing over a pattern of another trace, and nothing that has no geometry", () => {
    const pattern = decodePattern(wirePattern(0, 0));
    const names = (id: string, overlays: string[]) =>
      layerProps({ ...pattern, id }, motifs, overlays, "diffuse").outlines.map(({ name }) => name);
    expect(names(pattern.id, ["stripe", "diffuse", "induction"])).toEqual(["stripe", "induction"]);
    expect(names("t2/pattern/0/0", ["stripe"])).toEqual([]);
    expect(layerProps(pattern, motifs, [], "diffuse").dim).toBeNull();
    expect(layerProps(pattern, motifs, [], "stripe").dim?.name).toBe("stripe");
  });
});

it("ranks a head's motifs, and counts the heads that each dominates", () => {
  expect(topMotifs(motifs, { layer: 0, head: 2 }, 3).map(({ name }) => name)).toEqual([
    "previous_token",
    "stripe",
    "diffuse",
  ]);
  expect(dominantCounts(motifs).map(({ motif, count }) => [motif?.name, count])).toEqual([
    ["previous_token", 2],
    ["induction", 1],
    [undefined, 3],
  ]);
});

it("does not count heads that are still being measured, nor speaks of them before motifs are asked for", () => {
  const some = { ...motifs, scored: Uint8Array.of(1, 0, 0, 0, 0, 0) };
  expect(dominantCounts(some).reduce((sum, { count }) => sum + count, 0)).toBe(1);
  const unasked = { motif: "", sortBy: "", minScore: 0 };
  expect(headWords(some, unasked, L0H1)).toBe("");
  expect(headWords(some, unasked, L0H0)).toContain("dominant");
  expect(headWords(some, { ...unasked, motif: "dominant" }, L0H1)).toContain("being measured");
});

describe("heads by a score", () => {
  const names = (min: number) =>
    sortedHeads(motifs, named("induction"), min).map((h) => headName(h.layer, h.head));

  it("stand in descending order, those without a score last", () => {
    expect(names(0)).toEqual(["L0H0", "L0H1", "L1H0", "L1H1", "L1H2", "L0H2"]);
  });

  it("leave out what is below the least score, and what has none", () => {
    expect(names(0.55)).toEqual(["L0H0", "L0H1", "L1H0"]);
    expect(names(1)).toEqual([]);
  });

  it("are dimmed in place, and framed by their strength", () => {
    const asked = { motif: "induction", sortBy: "", minScore: 0.6 };
    const { marks, sorted, heads } = headMarks(motifs, asked);
    expect([sorted, heads.length]).toEqual([false, 6]);
    expect(marks.map(({ dimmed }) => dimmed)).toEqual([false, false, true, true, true, true]);
    expect(marks.map(({ text }) => text)).toEqual(["0.70", "0.65", "-", "0.55", "0.50", "0.45"]);
    expect(marks[0].strength).toBeCloseTo(0.7);
    expect(marks[2].strength).toBe(0);
  });

  it("take the colour of the dominant motif, and none where there is none", () => {
    const { marks } = headMarks(motifs, { motif: "dominant", sortBy: "", minScore: 0.9 });
    expect(marks.map(({ color }) => color)).toEqual([
      "#2a78d6",
      "#e0457b",
      null,
      "#2a78d6",
      null,
      null,
    ]);
    expect(marks.some(({ dimmed }) => dimmed)).toBe(false);
  });

  it("measure by what they are sorted by, and write what they show", () => {
    const { marks, heads } = headMarks(motifs, {
      motif: "previous_token",
      sortBy: "induction",
      minScore: 0.6,
    });
    expect(heads.length).toBe(2);
    expect(marks[0].text).toBe("0.90");
  });

  it("are stepped through in their order, the ends hold", () => {
    expect(stepPlace(1, 1, 0, 4, 10)).toBe(2);
    expect(stepPlace(9, 1, 0, 4, 10)).toBe(9);
    expect(stepPlace(0, -1, 0, 4, 10)).toBe(0);
    expect(stepPlace(1, 0, 1, 4, 10)).toBe(5);
    expect(stepPlace(2, 0, -1, 4, 10)).toBe(2);
    expect(stepPlace(7, 0, 1, 4, 10)).toBe(9); // the last row is shorter
    expect(stepPlace(9, 0, 1, 4, 10)).toBe(9);
    expect(stepPlace(-1, 0, 1, 4, 10)).toBe(0); // the selected head was left out
  });

  it.each([0, 24, 80])("lie where a pointer finds them: size %i", (size) => {
    const layout = sortedLayout(11, 400, size, 1);
    const { left, top, stepX, stepY, cell, columns } = layout;
    for (let place = 0; place < 11; place++) {
      const x = left + (place % columns) * stepX;
      const y = top + Math.floor(place / columns) * stepY;
      expect(placeAt(layout, x + 1, y + 1)).toBe(place);
      expect(placeAt(layout, x + cell - 1, y + cell - 1)).toBe(place);
      expect(placeAt(layout, x + 1, y - 10)).toBe(place); // its name
    }
    expect(placeAt(layout, left + columns * stepX + 5, top + 1)).toBeNull();
    expect(placeAt(layout, left + 1, top + 99 * stepY)).toBeNull();
  });
});

describe("drawing", () => {
  const theme = { background: "#ffffff", dark: false } as Theme;
  const N = 12;
  const pattern = { ...decodePattern(wirePattern(0, 0)), nQuery: N, nKey: N };

  /** Draws everything there is on a context that keeps every line with its width. */
  function draw(cell: number, overlays: string[], dimmed: string | null = null) {
    const canvas = document.createElement("canvas");
    const lines: { at: [number, number, number, number]; width: number }[] = [];
    const calls: string[] = [];
    let path: [number, number, number, number][] = [];
    let from = [0, 0];
    const pen: Record<string, unknown> = {
      lineWidth: 1,
      beginPath: () => {
        path = [];
      },
      moveTo: (x: number, y: number) => {
        from = [x, y];
      },
      lineTo: (x: number, y: number) => path.push([from[0], from[1], x, y]),
      stroke: () => {
        for (const at of path) lines.push({ at, width: pen.lineWidth as number });
      },
    };
    for (const name of ["fillRect", "clearRect", "drawImage"]) {
      pen[name] = (...args: unknown[]) => calls.push(`${name} ${args.slice(-4).join(" ")}`);
    }
    for (const name of ["save", "restore", "rect", "clip", "setTransform"]) pen[name] = () => {};
    canvas.getContext = (() => pen) as never;
    const layout = {
      left: 0,
      top: 0,
      characters: 8,
      width: cell * N,
      height: cell * N,
      cell,
      ratio: 1,
    };
    const paint = motifLayer(canvas);
    const scene = { layout, placed: { x: 0, y: 0, cell }, theme, nQuery: N, nKey: N };
    const props = layerProps(pattern, motifs, overlays, dimmed);
    while (!paint(props, scene)) {}
    return { canvas, lines, calls };
  }

  it.each([6, 7, 8, 10, 14, 20, 34])("stays away from the middle of cells: %i px", (cell) => {
    const { lines, calls } = draw(cell, ["previous_token", "induction", "stripe"]);
    expect(lines.length).toBeGreaterThan(20);
    expect(calls.filter((call) => !call.startsWith("clearRect"))).toEqual([]);
    for (const { at, width } of lines) {
      const across = at[0] === at[2] ? at[0] : at[1];
      const toMiddle = Math.abs((((across % cell) + cell) % cell) - cell / 2);
      expect(toMiddle).toBeGreaterThan(width / 2 + 0.5);
    }
  });

  it.each([4, 9, 34])("nests levels without ever reaching the middle: %i px", (cell) => {
    for (let level = 0; level < 10; level++) {
      const { line, inset } = insets(cell, level);
      expect(inset + line / 2).toBeLessThan(cell / 2 - 0.5);
    }
  });

  it("says what is drawn and what is dimmed, and hides when there is nothing", () => {
    const { canvas } = draw(20, ["stripe", "previous_token"], "induction");
    expect(canvas.dataset.motifs).toBe("stripe,previous_token");
    expect(canvas.dataset.dim).toBe("induction");
    const nothing = draw(20, []).canvas;
    expect([nothing.dataset.motifs, nothing.dataset.dim, nothing.hidden]).toEqual(["", "", true]);
  });

  it("veils the plot and leaves the motif's cells free", () => {
    const { calls } = draw(20, [], "previous_token");
    expect(calls).toContain("fillRect 0 0 240 240");
    for (let q = 1; q < N; q++) {
      expect(calls).toContain(`clearRect ${(q - 1) * 20} ${q * 20} 20 20`);
    }
    expect(calls).not.toContain("clearRect 0 0 20 20");
  });

  it("paints pixels instead of lines where cells are small", () => {
    const { lines, calls } = draw(0.5, ["previous_token"]);
    expect(lines).toEqual([]);
    expect(calls.filter((call) => call.startsWith("drawImage")).length).toBe(1);
  });
});
