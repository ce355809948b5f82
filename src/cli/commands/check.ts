import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = {
  strict: { type: "boolean", summary: "Exit with 1 for warnings too." },
  verbose: {
    type: "boolean",
    short: "v",
    summary: "Say of each component, too, what serves its requests, and why not an instance that is reset.",
  },
  json: { type: "boolean", summary: "As JSON." },
  "allow-privileged": {
    type: "string",
    value: "NAMESPACE",
    multiple: true,
    summary: "Let pods of a namespace leave the baseline of the Pod Security Standards.",
  },
} as const satisfies Flags;

export type CheckCall = Call<typeof flags>;

export const check = defineCommand({
  name: "check",
  summary: "Show all problems of a folder at once; start nothing.",
  positionals: [{ name: "DIR", summary: "The site's folder.", required: true, completes: "folder" }],
  flags,
  examples: ["bandstand check shop", "bandstand check shop --strict --json"],
  async run(call, terminal) {
    const { check: act } = await import("../check/check.ts");
    return act(call, terminal);
  },
});
