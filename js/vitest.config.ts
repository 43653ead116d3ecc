import { defineConfig } from "vitest/config";

export default defineConfig({
  root: "..",
  cacheDir: "js/node_modules/.vite",
  test: {
    include: ["tests/js/**/*.test.ts"],
    setupFiles: ["tests/js/setup.ts"],
    environment: "happy-dom",
    globals: true,
  },
});
