import { program } from "./commands.ts";
import { run } from "./program/run.ts";
import { isKeptFromHangup } from "./program/stop-signals.ts";
import { afterOutput, processTerminal } from "./terminal/process-terminal.ts";

if (isKeptFromHangup) process.on("SIGHUP", () => {});

// No await at the top: published, this is a CommonJS file, which Node loads in half the time of a module.
void run(program, process.argv.slice(2), processTerminal()).then((code) => {
  // Not by exitCode alone: whatever a library keeps open must not keep the command from ending.
  afterOutput(() => process.exit(code === 0 ? process.exitCode : code));
});
