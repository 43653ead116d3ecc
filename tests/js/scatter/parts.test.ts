// A map of heads decoded, coloured, sized and told about: everything but where it stands on the screen and its painting.

import { matches } from "../../../js/src/kit/find_heads.ts";
import { decodeThumbs } from "../../../js/src/pattern/wire.ts";
import {
  coloringOf,
  onlyGroup,
  toggleHidden,
  valueText,
} from "../../../js/src/scatter/coloring.ts";
import {
  columnNamed,
  headAt,
  headOf,
  pointOf,
  pointsOf,
  promptOf,
} from "../../../js/src/scatter/head_map.ts";
import { tipLines } from "../../../js/src/scatter/hover_tip.ts";
import { neighbourLines } from "../../../js/src/scatter/neighbour_lines.ts";
import { gathered, toggled } from "../../../js/src/scatter/picking.ts";
import { galleryOf, pictureOf } from "../../../js/src/scatter/pictures.ts";
import { encodings, STEPS, sizeSteps, zoomedSize } from "../../../js/src/scatter/sizing.ts";
import { decodeColumn, decodeMap, type WireColumn } from "../../../js/src/scatter/wire.ts";
import {
  categories,
  NAMES,
  numbers,
  patternTraits,
  scatterTraits,
  pictures as sent,
  wire,
} from "./support.ts";

const map = decodeMap(scatterTraits());
const patterns = decodeMap(patternTraits());
const motif = columnNamed(map, "motif")!;
const shown = (n: number) => new Uint8Array(n);

describe("what Python sends", () => {
  test("components come apart, and a name says model, layer and head", () => {
    expect([...map.axes[0]].map((x) => Number(x.toFixed(1)))).toEqual([
      -1, -0.6, -0.2, 0.2, 0.6, 1,
    ]);
    expect([...map.axes[1]]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(map.places[4]).toEqual({ model: "toy", layer: 1, head: 1 });
  });

  test("bytes in the middle of a larger buffer, at an odd place, are read the same", () => {
    const traits = scatterTraits();
    const { data } = traits.points;
    const bytes = new Uint8Array(data.byteLength + 10);
    bytes.set(new Uint8Array((data as DataView).buffer), 3);
    const moved = { ...traits.points, data: new DataView(bytes.buffer, 3, data.byteLength) };
    expect(decodeMap({ ...traits, points: moved }).axes).toEqual(map.axes);
  });

  test.each([
    [
      "points of another length",
      { points: wire("float32", [5, 2], Array(10).fill(0)) },
      /\[6, 2\]/,
    ],
    [
      "points of another type",
      { points: wire("uint8", [6, 2], Array(12).fill(0)) },
      /uint8.*float32/,
    ],
    ["a column that is too short", { columns: [numbers("layer", "Layer", [1])] }, /layer.*\[6\]/],
    [
      "neighbours of other heads",
      { neighbours: wire("uint32", [5, 2], Array(10).fill(0)) },
      /\[6, 2\]/,
    ],
    ["a name that names no head", { names: ["H1L1", ...NAMES.slice(1)] }, /"H1L1"/],
  ])("%s: the error says what came and what was expected", (_, changes, message) => {
    expect(() => decodeMap({ ...scatterTraits(), ...changes })).toThrow(message);
  });

  test("fewer bytes than the shape says are an error", () => {
    const cut = { ...wire("float32", [6, 2], [1, 2]), shape: [6, 2] };
    expect(() => decodeMap(scatterTraits({ points: cut }))).toThrow("8 bytes; expected 48");
  });

  test("as many colours as values", () => {
    expect(() => decodeColumn(categories("c", "C", [0], ["a", "b"], ["red"]), 1)).toThrow(
      "1 colours for 2 values",
    );
  });

  test("no neighbours where there are too many heads", () => {
    const none = { neighbours: wire("uint32", [0, 0], []) };
    expect(decodeMap({ ...scatterTraits(), ...none }).neighbours).toBeNull();
  });
});

describe("heads, prompts and points", () => {
  test("all heads on the first prompt, then on the second", () => {
    expect(headOf(patterns, 8)).toBe(2);
    expect(promptOf(patterns, 8)).toBe(1);
    expect(pointOf(patterns, 2, 1)).toBe(8);
    expect(pointsOf(patterns, 2)).toEqual([2, 8]);
  });

  test("a head is found by layer, head and model, and one that is not there is not", () => {
    expect(headAt(map, { layer: 1, head: 2, model: "toy" })).toBe(5);
    expect(headAt(map, { layer: 9, head: 0, model: "toy" })).toBe(-1);
    const two = decodeMap({
      ...scatterTraits(),
      map_info: { ...scatterTraits().map_info, models: ["a", "b"], n_layers: [1, 1] },
      names: ["a:L0H0", "a:L0H1", "a:L0H2", "b:L0H0", "b:L0H1", "b:L0H2"],
    });
    expect(headAt(two, { layer: 0, head: 1, model: "b" })).toBe(4);
    expect(two.places[4].model).toBe("b");
  });
});

describe("colours", () => {
  test("categories have their own colours, and points without one a grey of their own", () => {
    const { codes, colors, legend } = coloringOf(motif, [], "blues", false);
    expect([...codes]).toEqual([0, 0, 1, 1, 1, 2]);
    expect(colors.slice(0, 2)).toEqual(["#ff0000", "#0000ff"]);
    expect(colors).toHaveLength(3);
    expect(
      legend?.type === "groups" && legend.groups.map(({ label, count }) => [label, count]),
    ).toEqual([
      ["Stripe", 2],
      ["Sink", 3],
      ["None", 1],
    ]);
  });

  test("a value that is switched off hides its points, and the empty name those without one", () => {
    expect([...coloringOf(motif, ["Stripe"], "blues", false).hidden]).toEqual([1, 1, 0, 0, 0, 0]);
    expect([...coloringOf(motif, [""], "blues", false).hidden]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test("numbers go along the palette from the smallest to the largest; without one grey", () => {
    const column = columnNamed(map, "stripe")!;
    const { codes, colors, legend } = coloringOf(column, ["Stripe"], "viridis", false);
    expect(codes[0]).toBe(255);
    expect(codes[4]).toBe(0);
    expect(colors[codes[3]]).toBe(colors[256]);
    expect(colors[0]).not.toBe(colors[255]);
    expect(legend?.type === "bar" && legend.display.high).toBeCloseTo(0.9);
  });

  test("the weak end of a palette is still seen on the page", () => {
    const brightness = (hex: string) => Number.parseInt(hex.slice(1, 3), 16);
    const column = columnNamed(map, "layer")!;
    expect(brightness(coloringOf(column, [], "blues", false).colors[0])).toBeLessThan(225);
    expect(brightness(coloringOf(column, [], "greys", true).colors[0])).toBeGreaterThan(30);
  });

  test("a column of equal numbers has one colour", () => {
    const equal = decodeColumn(numbers("x", "X", [3, 3]), 2);
    const { codes } = coloringOf(equal, [], "blues", false);
    expect(codes[0]).toBe(codes[1]);
  });

  test("the legend switches one value, or leaves one alone and takes that back", () => {
    const { legend } = coloringOf(motif, [], "blues", false);
    const groups = legend?.type === "groups" ? legend.groups : [];
    expect(toggleHidden(["a"], "b")).toEqual(["a", "b"]);
    expect(toggleHidden(["a", "b"], "a")).toEqual(["b"]);
    expect(onlyGroup(groups, [], "Sink")).toEqual(["Stripe", ""]);
    expect(onlyGroup(groups, ["Stripe", ""], "Sink")).toEqual([]);
  });

  test("values as text", () => {
    expect(valueText(motif, 0)).toBe("Stripe");
    expect(valueText(motif, 5)).toBe("");
    expect(valueText(columnNamed(map, "stripe")!, 0)).toBe("0.90");
    expect(valueText(columnNamed(map, "layer")!, 3)).toBe("1");
    expect(valueText(columnNamed(map, "stripe")!, 3)).toBe("");
  });

  test("a mean over prompts is written with its spread where there is one", () => {
    const spread = wire("float32", [2], [0.05, Number.NaN]);
    const wired = { ...numbers("stripe", "Stripe", [0.625, 0.5]), spread } as WireColumn;
    const column = decodeColumn(wired, 2);
    expect([valueText(column, 0), valueText(column, 1)]).toEqual(["0.63 \u00b1 0.05", "0.50"]);
    const short = { ...numbers("stripe", "Stripe", [1]), spread } as WireColumn;
    expect(() => decodeColumn(short, 1)).toThrow("the spread of the column stripe");
  });

  test("the legend says how a head gets its motif", () => {
    const column = { ...motif, about: "By rule." } as typeof motif;
    expect(coloringOf(column, [], "blues", false).legend).toMatchObject({ about: "By rule." });
  });
});

describe("sizes", () => {
  test("the largest value is the largest point, no value the smallest", () => {
    expect([...sizeSteps(columnNamed(map, "sink")!, 6)!]).toEqual([0, 1, 5, 6, 7, 3]);
    expect(sizeSteps(columnNamed(map, "stripe")!, 6)![3]).toBe(0);
    expect(sizeSteps(undefined, 6)).toBeNull();
  });

  test("what is near is larger and more solid; in a plane all are alike", () => {
    const deep = encodings(100, false, true);
    expect(deep.sizes[STEPS - 1]).toBeGreaterThan(deep.sizes[0]);
    expect(deep.opacities[STEPS - 1]).toBeGreaterThan(deep.opacities[0]);
    expect(new Set(encodings(100, false, false).sizes).size).toBe(1);
  });

  test("the shape of the picture does not change how large a point is on the screen", () => {
    for (const unzoomed of [0.5, 0.9, 2.5]) {
      const size = encodings(10, false, false, unzoomed).sizes[0];
      expect(zoomedSize(size, unzoomed)).toBeCloseTo(encodings(10, false, false).sizes[0]);
    }
  });

  test("many points are small", () => {
    expect(encodings(100_000, false, false).sizes[0]).toBeLessThan(4);
  });
});

describe("what is told and selected", () => {
  test("the card: the colours' column first, then words, then the highest scores", () => {
    const lines = tipLines(map, 0, "layer").map(({ label, value }) => `${label} ${value}`);
    expect(lines).toEqual(["Layer 0", "Motif Stripe", "Stripe score 0.90", "Sink score 0.10"]);
    const axes = tipLines(map, 2, "motif", ["sink", "layer"]).map(({ label }) => label);
    expect(axes).toEqual(["Motif", "Sink score", "Stripe score"]);
    expect(tipLines(map, 5, "motif")[0]).toMatchObject({ label: "Motif", value: "", own: true });
  });

  test("ctrl and click: in or out; a lasso replaces or adds, each head once", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
    expect(gathered(["a"], ["b", "c", "b"], false)).toEqual(["b", "c"]);
    expect(gathered(["a"], ["b", "a"], true)).toEqual(["a", "b"]);
  });

  test("lines go to the nearest heads on the same prompt, weaker to those further away", () => {
    expect(neighbourLines(map, 0, 0, 2, shown(6))).toEqual([
      { from: 0, to: 1, strength: 1 },
      { from: 0, to: 2, strength: 0.5 },
    ]);
    expect(neighbourLines(patterns, 0, 1, 1, shown(12))[0]).toMatchObject({ from: 6, to: 7 });
    expect(neighbourLines(map, 0, 0, 0, shown(6))).toEqual([]);
    expect(neighbourLines(map, 0, 0, 2, Uint8Array.from([0, 1, 0, 0, 0, 0]))).toHaveLength(1);
    expect(neighbourLines(map, -1, 0, 2, shown(6))).toEqual([]);
  });

  test.each([
    ["l1h2", ["L1H2"]],
    ["L1", ["L1H0", "L1H1", "L1H2"]],
    [" l0 h1 ", ["L0H1"]],
    ["1.2", ["L1H2"]],
    ["1 2", ["L1H2"]],
    ["x", []],
    ["", []],
  ])("searching for %j", (text, found) => {
    expect(matches(NAMES, text, 8).map((i) => NAMES[i])).toEqual(found);
  });

  test("the name itself comes before those that start with it, with or without its model", () => {
    const names = ["a:L1H10", "a:L1H1", "b:L1H1"];
    expect(matches(names, "l1h1", 8)).toEqual([1, 2, 0]);
    expect(matches(names, "b:l1", 8)).toEqual([2]);
    expect(matches(names, "l1", 2)).toHaveLength(2);
  });

  const heads = decodeThumbs("thumbs", sent([6, 2, 2], Array(24).fill(1)));
  const none = { heads: null, asked: null, gallery: null };

  test("a head's picture serves on other prompts until the right one has come", () => {
    expect(pictureOf(patterns, { ...none, heads }, 2)).toMatchObject({
      exact: true,
      picture: { index: 2, caption: "" },
    });
    expect(pictureOf(patterns, { ...none, heads }, 8)).toMatchObject({
      exact: false,
      picture: { index: 2, caption: "On the first prompt" },
    });
    const asked = { index: 8, thumbs: heads };
    expect(pictureOf(patterns, { ...none, heads, asked }, 8)).toMatchObject({ exact: true });
    expect(pictureOf(patterns, none, 8)).toEqual({ exact: false, picture: null });
  });

  test("a gallery of two heads or more; larger pictures once they fit the selection", () => {
    const pictures = { ...none, heads };
    expect(galleryOf(map, pictures, ["L0H0"])).toBeNull();
    expect(galleryOf(map, pictures, ["L1H1", "L0H0"])).toMatchObject({
      names: ["L1H1", "L0H0"],
      pictures: [4, 0],
      total: 2,
    });
    const large = decodeThumbs("gallery", sent([2, 4, 4], Array(32).fill(1)));
    const gallery = { names: ["L1H1", "L0H0"], thumbs: large };
    expect(galleryOf(map, { ...pictures, gallery }, ["L1H1", "L0H0"])?.thumbs).toBe(large);
    expect(galleryOf(map, { ...pictures, gallery }, ["L0H0", "L0H1"])?.thumbs).toBe(heads);
  });
});
