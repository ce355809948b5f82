import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentOf } from "../../../src/wasm/testkit/index.ts";

const run = promisify(execFile);
const folder = import.meta.dirname;
/** The others answer requests. */
const commands = new Set(["command", "files", "prints", "stuck"]);
const built = new Map<string, Promise<Uint8Array>>();

/** The component of a guest of this folder, written against the lowered ABI of WASI 0.3; once a process. */
export function buildService(name: string): Promise<Uint8Array> {
  let found = built.get(name);
  if (found === undefined) built.set(name, (found = build(name)));
  return found;
}

async function build(name: string): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(tmpdir(), "bandstand-wasi3-"));
  try {
    const core = join(scratch, "core.wasm");
    const flags = ["--target=wasm32-wasi", "-O2", "-Wall", "-Wno-unused-parameter", "-nostartfiles"];
    const link = ["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=32768"];
    await run("clang", [...flags, ...link, "-o", core, join(folder, `${name}.c`)]);
    const wit = await readFile(join(folder, "world.wit"), "utf8");
    return await componentOf(await readFile(core), commands.has(name) ? commandWorld(wit) : wit);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The same world, exporting what a command does. */
function commandWorld(wit: string): string {
  return wit
    .replace("export wasi:http/handler@0.3.0;", "export wasi:cli/run@0.3.0;")
    .replace("package wasi:cli@0.3.0 {", "package wasi:cli@0.3.0 {\n  interface run { run: async func() -> result; }");
}
