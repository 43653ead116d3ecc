// js/src -> src/attn_widgets/static: one minified ES module a widget, and its style sheet.
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { licenses } from "./licenses.mjs";

/** Each is a folder of src/, a bundle, and a file of the same name in Python. */
const WIDGETS = ["heatmap", "grid", "card", "freeze", "scatter", "dossier"];

const LIMIT = 150_000;
/** Bundles that are allowed more: this one carries WebGL. */
const LIMITS = { "scatter.js": 350_000 };

// Each d3 library is one file that makes all it has when it is loaded. Said to be free of side effects, what nobody
// uses is left out: 14 kB of each bundle. Colour spaces beside RGB and HSL are not used at all: without their methods
// a build that asked for them would fail in its tests. Names of colours the browser knows itself (readColor): 3 kB.
const onlyUsedOfD3 = {
  name: "only-used-of-d3",
  setup({ onLoad }) {
    onLoad({ filter: /d3-(color|interpolate|scale-chromatic)\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replace(/^var named = \{[^}]*\};$/m, "var named = {};")
        .replace(/^define\((?=Lab|Hcl|Cubehelix)/gm, "/* @__PURE__ */ define(")
        .replace(/^var (\S+) = (?=\(function)/gm, "var $1 = /* @__PURE__ */ ")
        .replace(
          /^var (\S+) = ((?:colors|ramp|new Array|interpolate)[^;]*|[\w$]+\([^;\n]*\));$/gm,
          "var $1 = /* @__PURE__ */ (() => $2)();",
        ),
    }));
  },
};

// d3-zoom can glide, which nobody here asks of it: of d3-transition it needs to know only that nothing glides.
// Transitions with their timers and easings would be 17 kB of each bundle.
const noTransitions = {
  name: "no-transitions",
  setup({ onLoad }) {
    onLoad({ filter: /d3-transition\.mjs$/ }, ({ path }) => ({
      contents: `import { selection } from "d3-selection";
        selection.prototype.interrupt = function () { return this; };
        export function interrupt() {}`,
      resolveDir: dirname(path),
    }));
  },
};

const result = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: {
    ...Object.fromEntries(WIDGETS.map((name) => [name, `src/${name}/widget.ts`])),
    standalone: "src/host/standalone.ts",
    site: "src/site/page.ts",
  },
  outdir: "../src/attn_widgets/static",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  charset: "ascii", // the text survives any page, whatever encoding it declares
  plugins: [onlyUsedOfD3, noTransitions],
  alias: { regl: "regl/dist/regl.unchecked.js" }, // without checks that only help while shaders are written
  metafile: true,
  write: false,
});
const styles = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: Object.fromEntries(
    [...WIDGETS, "site"].map((name) => [name, `src/${name}/style.css`]),
  ),
  outdir: "../src/attn_widgets/static",
  bundle: true,
  minify: true,
  write: false,
});

const { mkdirSync, writeFileSync } = await import("node:fs");
let tooLarge = false;
for (const file of [...result.outputFiles, ...styles.outputFiles]) {
  mkdirSync(dirname(file.path), { recursive: true });
  // A bundle is also written inside <script> elements of exported pages.
  const safe = !/<\/script|<!--/i.test(file.text);
  const size = file.contents.byteLength;
  const packed = gzipSync(file.contents).byteLength;
  console.log(
    `${basename(file.path).padEnd(16)} ${(size / 1000).toFixed(1).padStart(7)} kB` +
      ` ${(packed / 1000).toFixed(1).padStart(7)} kB gzip`,
  );
  const limit = LIMITS[basename(file.path)] ?? LIMIT;
  if (size > limit) {
    console.error(`${basename(file.path)} is over ${limit / 1000} kB`);
    tooLarge = true;
  }
  if (!safe) {
    console.error(`${basename(file.path)} contains text that would end a <script> element`);
    tooLarge = true;
  }
  writeFileSync(file.path, file.contents);
}
writeFileSync(
  new URL("../src/attn_widgets/static/THIRD_PARTY_LICENSES.txt", import.meta.url),
  licenses(import.meta.dirname, result.metafile.inputs),
);
if (tooLarge) process.exit(1);
