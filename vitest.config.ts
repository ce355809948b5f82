import { defineConfig } from "vitest/config";

const all = ["src/**/*.test.ts", "sdk/**/*.test.ts", "tests/**/*.test.ts"];
// How long others wait says something about a guest only while nothing else keeps the machine busy.
const timed = ["tests/resilience/**/*.test.ts"];
const never = ["**/node_modules/**", "**/dist/**"];

// Unit tests stand beside the code; the other classes are described in tests/README.md.
export default defineConfig({
  test: {
    // What hangs ends: no measure of how fast anything is, which a busy machine may be slow at.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    setupFiles: ["tests/property-seed.ts"],
    globalSetup: ["tests/run-folder.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "beside each other",
          include: all,
          exclude: [...never, ...timed],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "one by one",
          include: timed,
          exclude: never,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
