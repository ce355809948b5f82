import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = {
  follow: { type: "boolean", short: "f", summary: "Go on as lines come." },
  tail: { type: "string", value: "N", summary: "At most so many lines of the past (100)." },
  dir: {
    type: "string",
    value: "DIR",
    completes: "folder",
    summary: "The site's folder (default: this one, else the only one that runs).",
  },
  json: { type: "boolean", summary: "One JSON object a line." },
} as const satisfies Flags;

export type LogsCall = Call<typeof flags>;

export const logs = defineCommand({
  name: "logs",
  summary: "Show log lines of a component or a workload's containers.",
  positionals: [{ name: "NAME", summary: "Name or NAMESPACE/NAME of a component or a workload.", required: true }],
  flags,
  examples: ["bandstand logs orders -f", "bandstand logs shop/page --dir ./site"],
  async run(call, terminal) {
    const { logs: act } = await import("../logs/logs.ts");
    return act(call, terminal);
  },
});
