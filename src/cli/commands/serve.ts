import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";
import { keyValueFlags, settingFlags } from "./guest-flags.ts";

const flags = {
  listen: {
    type: "string",
    value: "ADDRESS:PORT",
    summary: "Where to listen (127.0.0.1:8080): an IP address or localhost; port 0 picks a free one.",
  },
  net: {
    type: "string",
    value: "LIST",
    multiple: true,
    summary: "Whom it may send requests to: HOST[:PORT], *.HOST, an address or CIDR, or *, separated by commas (none).",
  },
  ...settingFlags,
  env: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    summary: "A variable of the environment; the same as --config.",
  },
  ...keyValueFlags,
  memory: { type: "string", value: "SIZE", summary: "Most memory of an instance, like 64Mi." },
  cpu: { type: "string", value: "TIME", summary: "Most CPU time of a request, like 50ms." },
  wall: { type: "string", value: "TIME", summary: "Most time of a request, like 10s." },
  reuse: { type: "boolean", summary: "Let an instance serve request after request, without a fresh state for each." },
  "access-log": { type: "string", choices: ["all", "errors", "off"], summary: "Which requests are logged (off)." },
} as const satisfies Flags;

export type ServeCall = Call<typeof flags>;

export const serve = defineCommand({
  name: "serve",
  summary: "Serve one HTTP component or CGI module, without any YAML.",
  details: `Takes every request to it, with a fresh state for each, until it is stopped (Ctrl-C). It may do nothing but
answer, unless flags grant it more. The URL is the first line on stderr.`,
  positionals: [
    {
      name: "FILE",
      summary:
        "A component for wasi:http (proxy of WASI 0.2, service of 0.3), or a WASI 0.1 module that speaks CGI; -: stdin.",
      required: true,
      completes: "file",
    },
  ],
  flags,
  examples: ["bandstand serve hello.wasm", "bandstand serve --listen 127.0.0.1:0 --net api.example.com hello.wasm"],
  async run(call, terminal) {
    const { serve: act } = await import("../serve/serve.ts");
    return act(call, terminal);
  },
});
