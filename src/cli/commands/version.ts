import { defineCommand } from "../program/command.ts";

export const version = defineCommand({
  name: "version",
  summary: "Show the versions of Bandstand, Node and V8.",
  positionals: [],
  flags: { json: { type: "boolean", summary: "As JSON." } },
  examples: ["bandstand version --json"],
  async run({ flags }, terminal) {
    const { versions } = await import("../version/version.ts");
    const found = versions();
    const text = `bandstand ${found.bandstand} (node ${found.node}, v8 ${found.v8})`;
    terminal.out(`${flags.json ? JSON.stringify(found) : text}\n`);
    return 0;
  },
});
