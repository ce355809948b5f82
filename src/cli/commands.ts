import type { Command } from "./program/command.ts";
import type { Program } from "./program/run.ts";

/** Every command, in the order of help. A new one is a file in `commands/` and a line here. */
const commands: Record<string, () => Promise<Command>> = {
  up: async () => (await import("./commands/up.ts")).up,
  down: async () => (await import("./commands/down.ts")).down,
  check: async () => (await import("./commands/check.ts")).check,
  status: async () => (await import("./commands/status.ts")).status,
  logs: async () => (await import("./commands/logs.ts")).logs,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  build: async () => (await import("./commands/build.ts")).build,
  serve: async () => (await import("./commands/serve.ts")).serve,
  run: async () => (await import("./commands/run.ts")).run,
  completion: async () => (await import("./commands/completion.ts")).completion,
  help: async () => (await import("./commands/help.ts")).help,
  version: async () => (await import("./commands/version.ts")).version,
};

/** A call loads the one command that it names: the others would cost it time. */
export const program: Program = {
  names: Object.keys(commands),
  load: async (name) => (Object.hasOwn(commands, name) ? commands[name]?.() : undefined),
  later: "new push pull inspect tag list sign verify registry node hub advise".split(" "),
};
