import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = {
  detach: { type: "boolean", short: "d", summary: "Serve in the background; bandstand down stops it." },
  "no-watch": { type: "boolean", summary: "Do not look for edits." },
  build: { type: "boolean", summary: "Let the folder run compilers and Containerfiles, without asking." },
  frozen: { type: "boolean", summary: "Refuse to change bandstand.lock." },
  "access-log": { type: "string", choices: ["all", "errors", "off"], summary: "Which requests are logged (off)." },
  admin: { type: "string", value: "HOST:PORT", summary: "Serve status and metrics by TCP too." },
  "allow-privileged": {
    type: "string",
    value: "NAMESPACE",
    multiple: true,
    summary: "Let pods of a namespace leave the baseline of the Pod Security Standards.",
  },
} as const satisfies Flags;

export type UpCall = Call<typeof flags>;

export const up = defineCommand({
  name: "up",
  summary: "Serve a folder of YAML.",
  details: `Reads every *.yaml, *.yml and *.json of the folder that holds resources, starts what they describe and serves it
until it is stopped (Ctrl-C: requests in flight end, containers and networks go, volumes stay). Edits of the folder
change the running site without a failed request; a broken edit leaves it as it is and says where the mistake is.`,
  positionals: [{ name: "DIR", summary: "The site's folder.", required: true, completes: "folder" }],
  flags,
  examples: ["bandstand up shop --build", "bandstand up shop --detach --access-log errors"],
  async run(call, terminal) {
    const { up: act } = await import("../up/up.ts");
    return act(call, terminal);
  },
});
