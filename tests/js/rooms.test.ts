// One folder a room: widget -> motifs, pattern -> kit; host from wire and widget files alone. The linter says so.
/// <reference types="node" />
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Where tests are run. */
const JS = process.cwd();

/** A made-up file with this one import -> what it imports. */
const REFUSED = {
  "kit/a.ts": "../pattern/scale.ts",
  "host/a.ts": "../pattern/scale.ts",
  "pattern/a.ts": "../motifs/motifs.ts",
  "pattern/b.ts": "../host/model.ts",
  "pattern/wire.ts": "../motifs/motifs.ts",
  "motifs/wire.ts": "../heatmap/props.ts",
  "heatmap/a.ts": "../host/model.ts",
  "heatmap/b.ts": "../freeze/traits.ts",
  "grid/widget.ts": "../heatmap/widget.ts",
  "scatter/traits.ts": "../host/arrays.ts",
  "dossier/a.ts": "../host/model.ts",
  "dossier/b.ts": "../site/load.ts",
  "site/a.ts": "../heatmap/view.ts",
  "freeze/a.ts": "../host/model.ts",
  "freeze/b.ts": "../grid/view.ts",
};
const ALLOWED = {
  "host/c.ts": "../kit/selection.ts",
  "pattern/c.ts": "../kit/dom.ts",
  "pattern/widget.ts": "../host/frame.ts",
  "motifs/c.ts": "../pattern/scale.ts",
  "grid/c.ts": "../motifs/motifs.ts",
  "card/wire.ts": "../host/arrays.ts",
  "site/c.ts": "../dossier/view.ts",
  "site/d.ts": "../host/page_state.ts",
  "freeze/c.ts": "../heatmap/view.ts",
  "freeze/widget.ts": "../host/frame.ts",
};
const CIRCLE = { "kit/round.ts": "./about.ts", "kit/about.ts": "./round.ts" };

it("refuses arrows that go the wrong way, and circles, of types too", () => {
  const folder = mkdtempSync(join(tmpdir(), "rooms-"));
  try {
    copyFileSync(join(JS, "biome.json"), join(folder, "biome.json"));
    for (const [path, from] of Object.entries({ ...REFUSED, ...ALLOWED, ...CIRCLE })) {
      mkdirSync(join(folder, "src", dirname(path)), { recursive: true });
      const text = `import type { X } from "${from}";\nexport type Y = X;\n`;
      writeFileSync(join(folder, "src", path), text);
    }
    const biome = join(JS, "node_modules/@biomejs/biome/bin/biome");
    const { stdout } = spawnSync(
      process.execPath,
      [biome, "lint", "--reporter=json", "--max-diagnostics=200"],
      { cwd: folder, encoding: "utf8" },
    );
    const found = (rule: string): string[] =>
      JSON.parse(stdout)
        .diagnostics.filter(({ category }: { category: string }) => category.endsWith(rule))
        .map((one: { location: { path: string } }) => one.location.path.replace(/^.*src\//, ""));
    expect(found("noRestrictedImports").sort()).toEqual(Object.keys(REFUSED).sort());
    expect(found("noImportCycles").sort()).toEqual(Object.keys(CIRCLE).sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
