import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { BuildLimits } from "../toolchain.ts";

/** One call of a compiler. */
export interface ToolCall {
  /** What a person calls this step. */
  name: string;
  command: string;
  args: readonly string[];
  /** Where it runs. */
  folder: string;
  /** Home and temporary files of the tool; removed after the build. */
  scratch: string;
  limits: BuildLimits;
  signal: AbortSignal;
  /** In addition to the few variables that every tool gets. */
  environment?: Record<string, string>;
}

export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

const maxOutput = 1024 * 1024;
/** CPU seconds that a tool may use in a second. */
const cores = availableParallelism();

/**
 * Runs a compiler as a process group of its own, under a memory limit, with next to nothing of the
 * caller's environment. Answers whatever code it ends with; throws `build-failed` when it had to be ended.
 */
export async function runTool(call: ToolCall): Promise<ToolResult> {
  const { name, command, args, folder, limits, signal } = call;
  signal.throwIfAborted();
  // RLIMIT_DATA and not RLIMIT_AS: V8 and wasmtime reserve far more addresses than they use. CPU time ends what is left
  // where nobody is there any more to see to the time limit.
  const limited = [
    "-c",
    'ulimit -d "$1" && ulimit -t "$2" && shift 2 && exec "$@"',
    "sh",
    `${Math.floor(limits.memory / 1024)}`,
    `${Math.ceil(limits.timeout / 1000) * cores}`,
    command,
    ...args,
  ];
  const child = spawn("/bin/sh", limited, {
    cwd: folder,
    env: { ...environmentFor(call.scratch), ...call.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  const stop = (): void => endGroup(child.pid);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (...ended) => resolve(ended));
    });
    if (signal.aborted) throw stopped(name, limits, signal);
    const result = { code: code ?? 1, stdout: output.stdout(), stderr: output.stderr() };
    if (killedBy !== null) result.stderr += `\n${name} was ended by ${killedBy}`;
    return result;
  } finally {
    signal.removeEventListener("abort", stop);
    endGroup(child.pid);
  }
}

/** Full path of a program, or undefined where it is not installed. */
export async function whichTool(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (
      folder !== "" &&
      (await access(path, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return undefined;
}

function environmentFor(scratch: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: scratch,
    TMPDIR: scratch,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const pieces: Buffer[] = [];
  let size = 0;
  stream.on("data", (piece: Buffer) => {
    if (size < maxOutput) pieces.push(piece);
    size += piece.length;
  });
  return () => Buffer.concat(pieces).toString("utf8").slice(0, maxOutput);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group runs any more.
  }
}

function stopped(name: string, limits: BuildLimits, signal: AbortSignal): BandstandError {
  if (signal.reason instanceof BandstandError) return signal.reason;
  return new BandstandError("build-failed", `${name} did not end within ${limits.timeout / 1000} s`, {
    remedy: "Look for code at the top level that never ends (it runs at build time), or give the build more time.",
    cause: signal.reason,
  });
}
