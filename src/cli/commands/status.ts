import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = { json: { type: "boolean", summary: "As JSON." } } as const satisfies Flags;

export type StatusCall = Call<typeof flags>;

export const status = defineCommand({
  name: "status",
  summary: "Show what a running site serves.",
  positionals: [
    {
      name: "DIR",
      summary: "The site's folder (default: this one, else the only one that runs).",
      completes: "folder",
    },
  ],
  flags,
  examples: ["bandstand status shop", "bandstand status shop --json"],
  async run(call, terminal) {
    const { status: act } = await import("../status/status.ts");
    return act(call, terminal);
  },
});
