import { BandstandError } from "../../foundation/errors/index.ts";
import { printable } from "../../foundation/log/index.ts";
import { cachePlaces } from "../../node/state/places.ts";
import { runCommand, type CommandEnd, type CommandGrants } from "../../wasm/commands/command.ts";
import { readKept } from "../../wasm/prepare/kept.ts";
import type { RunCall } from "../commands/run.ts";
import { readGuest } from "../guest-file/guest-file.ts";
import type { ExitCode } from "../program/command.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { grantsOf } from "./grants.ts";

/** As a shell says that a signal ended a program: SIGABRT. */
const trapped = 134;
/** As `timeout` of coreutils says it. */
const timedOut = 124;

/** Calls that V8 notes: what a panic of Rust goes through takes a dozen, and only then the program's own begin. */
const framesNoted = 48;

/** Runs a command to its end. */
export async function runFile(call: RunCall, terminal: Terminal): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const grants = await grantsOf(call, terminal);
  const bytes = readGuest("run", file, terminal.cwd);
  try {
    return await codeOf(await run(call, bytes, grants, terminal), file, terminal);
  } catch (error) {
    throw error instanceof BandstandError && error.code !== "usage" ? named(error, file) : error;
  }
}

/** Prepared once: from then on it is read, and linker and rewriter are not even loaded. */
async function run(
  { flags }: RunCall,
  bytes: Uint8Array,
  grants: CommandGrants,
  terminal: Terminal,
): Promise<CommandEnd> {
  const folder = cachePlaces(terminal.environment).prepared;
  if (flags.runtime === "wasmedge") {
    // Loaded here, since hardly anybody needs it.
    const { runInWasmEdge } = await import("./wasmedge.ts");
    return runInWasmEdge(bytes, grants, folder, terminal.environment);
  }
  const kept = readKept(folder, bytes, "reuse");
  const prepared = kept ?? (await (await import("./prepare.ts")).prepareAnew(folder, bytes, terminal.logger));
  Error.stackTraceLimit = framesNoted;
  return runCommand(prepared, grants, terminal.logger);
}

async function codeOf(end: CommandEnd, file: string, terminal: Terminal): Promise<ExitCode> {
  if ("code" in end) return end.code;
  const { code, message, remedy, cause } = end.failure;
  // Its file is named where all that is thrown is.
  if (code === "component-unsupported") throw end.failure;
  const { framesOf } = await import("./frames.ts");
  terminal.err(`bandstand: ${printable(`${file}: ${message}`)} [${code}]\n${framesOf(cause)}`);
  if (remedy !== undefined) terminal.err(`  ${remedy}\n`);
  return code === "component-cpu" || code === "component-wall" ? timedOut : trapped;
}

function named({ code, message, remedy }: BandstandError, file: string): BandstandError {
  return new BandstandError(code, `${file}: ${message}`, remedy === undefined ? {} : { remedy });
}
