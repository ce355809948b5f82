import { program } from "./commands.ts";
import { run } from "./program/run.ts";
import { processTerminal } from "./terminal/process-terminal.ts";

// Not by exitCode alone: whatever a library keeps open must not keep the command from ending.
process.exit(await run(program, process.argv.slice(2), processTerminal()));
