import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";
import { keyValueFlags, settingFlags } from "./guest-flags.ts";

const flags = {
  dir: {
    type: "string",
    value: "HOST[:GUEST[:ro]]",
    multiple: true,
    completes: "folder",
    summary: "A folder that it may use, by the name that it sees; ro: without changing anything (none).",
  },
  env: {
    type: "string",
    value: "NAME[=VALUE]",
    multiple: true,
    summary: "A variable of its environment; without a value, the one that is set here (none).",
  },
  net: {
    type: "string",
    value: "LIST",
    multiple: true,
    summary: "Whom it may reach: HOST[:PORT], *.HOST, an address or CIDR, or *, separated by commas (none).",
  },
  ...settingFlags,
  ...keyValueFlags,
  runtime: {
    type: "string",
    choices: ["v8", "wasmedge"],
    summary: "What runs it (v8); wasmedge: a WasmEdge that is installed, for modules of WASI 0.1.",
  },
  memory: { type: "string", value: "SIZE", summary: "Most memory, like 64Mi (1Gi)." },
  cpu: { type: "string", value: "TIME", summary: "Most CPU time, like 500ms (no limit)." },
  wall: { type: "string", value: "TIME", summary: "Most time in all, like 30s (no limit)." },
} as const satisfies Flags;

export type RunCall = Call<typeof flags>;

export const run = defineCommand({
  name: "run",
  summary: "Run a command made for WASI.",
  details: `A WASI 0.1 module or a component of wasi:cli/command (WASI 0.2, 0.3). It gets stdin, stdout, stderr and its arguments,
and nothing else unless a flag grants it. Flags of Bandstand stand before FILE; what comes behind is the command's own.
Exit: what the command says; 134 where it trapped; 124 where it was ended past --cpu or --wall.`,
  positionals: [
    { name: "FILE", summary: "A module or component; -: what comes on stdin.", required: true, completes: "file" },
    { name: "ARG", summary: "Arguments of the command.", rest: true },
  ],
  flags,
  examples: [
    "bandstand run hello.wasm",
    "bandstand run --dir ./data:/data:ro report.wasm --year 2026",
    "bandstand run --net 127.0.0.1:8080,db.example.com:5432 server.wasm",
  ],
  async run(call, terminal) {
    const { runFile } = await import("../run/run.ts");
    return runFile(call, terminal);
  },
});
