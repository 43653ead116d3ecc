import { readFileSync } from "node:fs";
import {
  colorTable,
  cssColor,
  ramp,
  rampIndex,
  wantsDarkText,
} from "../../../js/src/pattern/color.ts";
import { displayOf, positionOf } from "../../../js/src/pattern/scale.ts";
import { fullPattern } from "../support.ts";

const rgb = (pixel: number) => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];

describe("ramp", () => {
  it("is matplotlib's viridis at known places", () => {
    const viridis = ramp("viridis", false);
    expect(rgb(viridis[0])).toEqual([68, 1, 84]);
    expect(rgb(viridis[128])).toEqual([33, 145, 140]);
    expect(rgb(viridis[255])).toEqual([253, 231, 37]);
    expect(viridis[7] >>> 24).toBe(255);
  });

  it("turns blues round in the dark, so that low stays near the page", () => {
    expect(rgb(ramp("blues", false)[0])[0]).toBeGreaterThan(230);
    expect(rgb(ramp("blues", true)[0])[0]).toBeLessThan(30);
    expect(ramp("viridis", true)).toEqual(ramp("viridis", false));
  });

  it("is what Python paints its pictures with", () => {
    const written = readFileSync("../src/attn_widgets/stills/ramps.bin");
    const palettes = ["blues", "viridis", "cividis", "magma", "greys", "diverging"] as const;
    const ours = palettes.flatMap((palette) => [...ramp(palette, false)].flatMap(rgb));
    expect([...written]).toEqual(ours);
  });

  it("maps 1 to the last colour", () => {
    expect(rampIndex(1)).toBe(255);
    expect(rampIndex(0.5)).toBe(128);
    expect(rampIndex(0)).toBe(0);
  });
});

describe("colorTable", () => {
  const colors = ramp("viridis", false);

  it.each(["linear", "log"] as const)("gives each code the colour of its value: %s", (scale) => {
    const pattern = fullPattern([[0, 0.5]]);
    const display = displayOf(pattern, scale);
    const table = colorTable(pattern, display, colors);
    for (let code = 0; code < 65536; code += 7) {
      const expected = colors[rampIndex(positionOf(display, code / 65535))];
      if (table[code] !== expected) expect(`${code}: ${table[code]}`).toBe(`${code}: ${expected}`);
    }
  });

  it("leaves masked cells transparent", () => {
    const pattern = fullPattern([[0, 0.5]], { kind: "score", masked: true });
    expect(colorTable(pattern, displayOf(pattern, "linear"), colors)[0]).toBe(0);
  });
});

it("puts dark text on light colours and light text on dark ones", () => {
  expect(wantsDarkText(0xffffffff)).toBe(true);
  expect(wantsDarkText(ramp("viridis", false)[255])).toBe(true);
  expect(wantsDarkText(ramp("viridis", false)[0])).toBe(false);
  expect(cssColor(0xff030201)).toBe("rgb(1 2 3)");
});
