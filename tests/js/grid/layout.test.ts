import { cornerOf, gridLayout, placeAt } from "../../../js/src/grid/layout.ts";

describe("layers of the grid", () => {
  it.each([
    [30, 9, 1200, true],
    [30, 9, 260, false],
    [12, 12, 1200, false],
    [2, 4, 1200, false],
  ])("%i x %i in %i pixels run across: %s", (nLayers, nHeads, room, across) => {
    const layout = gridLayout(nLayers, nHeads, room, 0, 1, "auto");
    expect(layout.across).toBe(across);
    const other = gridLayout(nLayers, nHeads, room, 0, 1, across ? "down" : "across");
    expect(layout.cell).toBeGreaterThanOrEqual(other.cell);
  });

  it.each(["down", "across"] as const)("lie where a pointer finds them: %s", (layers) => {
    const [nLayers, nHeads] = [5, 3];
    const layout = gridLayout(nLayers, nHeads, 400, 20, 1, layers);
    const { left, top, stepX, stepY, cell } = layout;
    for (let layer = 0; layer < nLayers; layer++) {
      for (let head = 0; head < nHeads; head++) {
        const place = layer * nHeads + head;
        const [column, row] = layers === "across" ? [layer, head] : [head, layer];
        expect(cornerOf(layout, place)).toEqual([left + column * stepX, top + row * stepY]);
        const [x, y] = cornerOf(layout, place);
        expect(placeAt(layout, x + cell - 1, y + 1)).toBe(place);
      }
    }
    expect(placeAt(layout, layout.width + 9, top + 1)).toBeNull();
    expect(placeAt(layout, left + 1, layout.height + 9)).toBeNull();
  });
});
