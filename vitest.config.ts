import { defineConfig } from "vitest/config";

// Unit tests stand beside the code; the other classes are described in tests/README.md.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "sdk/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    setupFiles: ["tests/property-seed.ts"],
    globalSetup: ["tests/run-folder.ts"],
  },
});
