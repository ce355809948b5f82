import { program } from "./commands.ts";
import { run } from "./program/run.ts";
import { processTerminal } from "./terminal/process-terminal.ts";

// No await at the top: published, this is a CommonJS file, which Node loads in half the time of a module.
void run(program, process.argv.slice(2), processTerminal()).then((code) => {
  // What failed to be written is told a turn later.
  setImmediate(() => {
    // Not by exitCode alone: whatever a library keeps open must not keep the command from ending.
    process.exit(code === 0 ? process.exitCode : code);
  });
});
