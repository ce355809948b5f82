import { rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, say, step, runQuietly } from "../setup/progress.mjs";
import { installWasmEdge } from "../setup/wasmedge.mjs";
import { bundle } from "./bundle/bundle.mjs";
import { check } from "./check.mjs";
import { test } from "./test.mjs";

const everything = ["containers", "images", "compilers"];

/** Compiles `src` to `dist`, as the published package has it. */
export async function build({ node, env }) {
  await step("compiling", async () => {
    rmSync(join(root, "dist"), { recursive: true, force: true });
    await runQuietly("tsc", ["-p", "tsconfig.dist.json"], { env });
    await bundle();
    await runQuietly(node, ["scripts/targets/bundle/rehearsal/rehearsal.mjs"], { env });
  });
  return 0;
}

/** What each target needs from Debian for its arguments, and what it does. */
export const targets = {
  setup: {
    needs: () => everything,
    run: async ({ missing }) => {
      await installWasmEdge();
      say(missing.length === 0 ? "set up" : `set up, without ${missing.join(" and ")}`);
      return 0;
    },
  },
  build: { needs: () => [], run: build },
  test: {
    needs: () => everything,
    run: async (context) => {
      await installWasmEdge();
      return test(context, build);
    },
  },
  check: { needs: () => [], run: check },
  demo: {
    needs: (args) => (args.includes("--token") ? [] : everything),
    run: ({ node, args, env }) => run(node, ["scripts/demo.ts", ...args], { env, stdio: "inherit" }),
  },
  bench: {
    needs: () => ["compilers", "bench"],
    run: async (context) => {
      await build(context);
      return run(context.node, ["tests/bench/run.ts", ...context.args], { env: context.env });
    },
  },
  fuzz: {
    needs: () => [],
    run: ({ node, args, env }) => run(node, ["tests/fuzz/run.ts", ...args], { env, stdio: "inherit" }),
  },
  guests: {
    needs: () => [],
    run: ({ node, args, env }) => run(node, ["tests/guests-elsewhere/run.ts", ...args], { env, stdio: "inherit" }),
  },
  soak: {
    needs: () => everything,
    run: async (context) => {
      await build(context);
      return run(context.node, ["tests/resilience/soak.ts", ...context.args], { env: context.env });
    },
  },
};
