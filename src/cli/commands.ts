import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { help } from "./commands/help.ts";
import { logs } from "./commands/logs.ts";
import { run } from "./commands/run.ts";
import { serve } from "./commands/serve.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import { version } from "./commands/version.ts";
import type { Program } from "./program/run.ts";

/** Every command, in the order of help. A new one is a file in `commands/` and a line here. */
export const program: Program = {
  commands: [up, down, check, status, logs, doctor, build, serve, run, completion, help, version],
  later: "new push pull inspect tag list sign verify registry node hub advise".split(" "),
};
