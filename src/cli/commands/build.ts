import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    completes: "file",
    summary: "Where to write (default: DIR/build/NAME.wasm).",
  },
  json: { type: "boolean", summary: "As JSON." },
} as const satisfies Flags;

export type BuildCall = Call<typeof flags>;

export const build = defineCommand({
  name: "build",
  summary: "Build a component from its folder of sources.",
  details: `Recognises TypeScript (src/index.ts), AssemblyScript (assembly/index.ts) and C by the files. Runs compilers on what
the folder holds, so only build what you would run.`,
  positionals: [{ name: "DIR", summary: "The component's folder.", required: true, completes: "folder" }],
  flags,
  examples: ["bandstand build components/auth -o auth.wasm"],
  async run(call, terminal) {
    const { build: act } = await import("../build/build.ts");
    return act(call, terminal);
  },
});
