import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = { volumes: { type: "boolean", summary: "Remove its data too." } } as const satisfies Flags;

export type DownCall = Call<typeof flags>;

export const down = defineCommand({
  name: "down",
  summary: "Stop a site and remove its containers and networks.",
  positionals: [{ name: "DIR", summary: "The site's folder (default: this one).", completes: "folder" }],
  flags,
  examples: ["bandstand down shop", "bandstand down shop --volumes"],
  async run(call, terminal) {
    const { down: act } = await import("../down/down.ts");
    return act(call, terminal);
  },
});
