import { program } from "./commands.ts";
import { run } from "./program/run.ts";
import { processTerminal } from "./terminal/process-terminal.ts";

const code = await run(program, process.argv.slice(2), processTerminal());
// What failed to be written is told a turn later.
await new Promise((resolve) => setImmediate(resolve));
// Not by exitCode alone: whatever a library keeps open must not keep the command from ending.
process.exit(code === 0 ? process.exitCode : code);
