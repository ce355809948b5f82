import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import { markUsed, openPrivateFolder } from "../../../foundation/files/index.ts";
import { decodeModule } from "../../binary/index.ts";
import { confined } from "./confined.ts";
import type { WasmEdge } from "./program.ts";

/** For the compiler, which is LLVM: milliseconds, and bytes. */
const limits = { time: 120_000, memory: 2 * 1024 ** 3 };

/** Beside what is prepared for V8. */
export function aheadFolder(preparedFolder: string): string {
  return join(preparedFolder, "wasmedge");
}

/** Modules compiled ahead of time for one version of WasmEdge, by digest. Life: `open`, then any of the others. */
export class AheadStore {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws `state-refused` where the folder is not ours alone. */
  static async open(directory: string): Promise<AheadStore> {
    await openPrivateFolder(directory);
    return new AheadStore(directory);
  }

  /**
   * Compiles a module where that was not done before. Throws `component-malformed` or `component-unsupported` for what is no
   * WASI 0.1 command.
   */
  async prepare(bytes: Uint8Array, program: WasmEdge): Promise<{ digest: string }> {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if ((await this.find(digest, program)) !== undefined) {
      await Promise.all([markUsed(this.#path(digest, program, "so")), markUsed(this.#path(digest, program, "sha256"))]);
      return { digest };
    }
    checkCommand(bytes);
    const folder = await mkdtemp(join(this.#directory, ".ahead-"));
    try {
      const [from, to] = [join(folder, "module.wasm"), join(folder, "module.so")];
      await writeFile(from, bytes, { mode: 0o600 });
      await compile(program, from, to);
      const code = await readFile(to);
      const record = createHash("sha256").update(code).digest("hex");
      await writeFile(join(folder, "record"), record, { mode: 0o600 });
      await rename(to, this.#path(digest, program, "so"));
      // Last, so that a code file without its record is none.
      await rename(join(folder, "record"), this.#path(digest, program, "sha256"));
      return { digest };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Path of what was compiled; undefined where there is none, or where it is not what was written. */
  async find(digest: string, program: WasmEdge): Promise<string | undefined> {
    const path = this.#path(digest, program, "so");
    const [code, record] = await Promise.all([
      readFile(path).catch(() => undefined),
      readFile(this.#path(digest, program, "sha256"), "utf8").catch(() => undefined),
    ]);
    if (code === undefined || record === undefined) return undefined;
    return createHash("sha256").update(code).digest("hex") === record ? path : undefined;
  }

  /** Where what was prepared a moment ago stands; `find` for what may be of before. */
  fileOf(digest: string, program: WasmEdge): string {
    return this.#path(digest, program, "so");
  }

  #path(digest: string, { version }: WasmEdge, kind: "so" | "sha256"): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
    if (hex === undefined) throw new BandstandError("internal", `expected sha256:<hex> as digest, got ${digest}`);
    return join(this.#directory, `${hex}.wasmedge-${version}.${kind}`);
  }
}

/** What WasmEdge cannot run is said here, by name, and not by it for every request. */
function checkCommand(bytes: Uint8Array): void {
  if (bytes[4] === 0x0d && bytes[6] === 1) {
    throw new BandstandError("component-unsupported", "it is a component: WasmEdge runs WASI 0.1 modules", {
      remedy: "Take the runtime v8, which runs components.",
    });
  }
  const module = decodeModule(bytes);
  if (!module.exports.some(({ name, kind }) => name === "_start" && kind === "func")) {
    throw new BandstandError("component-unsupported", "it exports no _start: it is no WASI 0.1 command", {
      remedy: "Build it as a command, with a main function.",
    });
  }
  const foreign = module.imports.find(({ module: from }) => from !== "wasi_snapshot_preview1");
  if (foreign !== undefined) {
    throw new BandstandError("component-unsupported", `it imports ${foreign.module}, which nothing here gives it`, {
      remedy: "Build it for WASI 0.1 (wasm32-wasi, wasm32-wasip1).",
    });
  }
}

async function compile(program: WasmEdge, from: string, to: string): Promise<void> {
  const call = confined({ cpu: limits.time / 1000, memory: limits.memory }, program.command, [
    ...program.args,
    "compile",
    from,
    to,
  ]);
  try {
    await promisify(execFile)(call.command, call.args, {
      timeout: limits.time,
      killSignal: "SIGKILL",
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    });
  } catch (cause) {
    const said = String((cause as { stdout?: string }).stdout ?? "");
    const reason = /\[error\]\s*(.*)/.exec(said)?.[1] ?? messageOf(cause);
    throw new BandstandError("component-unsupported", `WasmEdge ${program.version} does not compile it: ${reason}`, {
      remedy: "Build it for WASI 0.1 without newer proposals, or take the runtime v8.",
      cause,
    });
  }
}
