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

/** Runs a command to its end. */
export async function runFile(call: RunCall, terminal: Terminal): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const grants = await grantsOf(call, terminal);
  const bytes = readGuest("run", file, terminal.cwd);
  try {
    return codeOf(await run(call, bytes, grants, terminal), file, terminal);
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
  return runCommand(prepared, grants, terminal.logger);
}

function codeOf(end: CommandEnd, file: string, terminal: Terminal): ExitCode {
  if ("code" in end) return end.code;
  const { code, message, remedy, cause } = end.failure;
  // Its file is named where all that is thrown is.
  if (code === "component-unsupported") throw end.failure;
  terminal.err(`bandstand: ${printable(`${file}: ${message}`)} [${code}]\n${framesOf(cause)}`);
  if (remedy !== undefined) terminal.err(`  ${remedy}\n`);
  return code === "component-cpu" || code === "component-wall" ? timedOut : trapped;
}

/** Where in the guest it happened, as far as its names tell. */
function framesOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  const frames = (cause.stack ?? "").split("\n").filter((line) => line.includes("wasm://"));
  return frames
    .slice(0, 16)
    .map((line) => `  ${printable(line.trim().replace(/wasm:\/\/wasm\/[^:]*:/, ""))}\n`)
    .join("");
}

function named({ code, message, remedy }: BandstandError, file: string): BandstandError {
  return new BandstandError(code, `${file}: ${message}`, remedy === undefined ? {} : { remedy });
}
