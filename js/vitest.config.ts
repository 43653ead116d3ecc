import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const tests = fileURLToPath(new URL("../tests/js", import.meta.url));

export default defineConfig({
  server: { fs: { allow: [".", tests] } },
  test: {
    dir: tests,
    include: [`${tests}/**/*.test.ts`],
    setupFiles: [`${tests}/setup.ts`],
    environment: "happy-dom",
    globals: true,
  },
});
