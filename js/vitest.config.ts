import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const tests = here("../tests/js");

export default defineConfig({
  // Tests lie outside this folder, and name what they replace.
  resolve: { alias: { "regl-scatterplot": here("node_modules/regl-scatterplot") } },
  server: { fs: { allow: [".", tests] } },
  test: {
    dir: tests,
    include: [`${tests}/**/*.test.ts`],
    setupFiles: [`${tests}/setup.ts`],
    environment: "happy-dom",
    globals: true,
  },
});
