import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentOf } from "../../../src/wasm/testkit/index.ts";
import { componentEmbed, componentNew, preview1AdapterCommandPath } from "@bytecodealliance/jco";

const run = promisify(execFile);
const folder = import.meta.dirname;

/** The component of a command of this folder, which uses wasi:sockets of WASI 0.2 beside what its library needs. */
export async function buildSockets(name: string): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(tmpdir(), "bandstand-sockets-"));
  try {
    const core = join(scratch, "core.wasm");
    const flags = ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-Wall", "-Wl,--strip-all"];
    await run("clang", [...flags, "-o", core, join(folder, `${name}.c`)]);
    const witSource = await readFile(join(folder, "world.wit"), "utf8");
    const embedded = await componentEmbed({ binary: await readFile(core), witSource });
    const adapter = await readFile(preview1AdapterCommandPath());
    return await componentNew(embedded, [["wasi_snapshot_preview1", adapter]]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The command of WASI 0.3, which needs no library. */
export async function buildTalk3(): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(tmpdir(), "bandstand-sockets-"));
  try {
    const core = join(scratch, "core.wasm");
    const flags = ["--target=wasm32-wasi", "-O1", "-Wall", "-nostartfiles", "-fno-builtin-memcmp"];
    await run("clang", [
      ...flags,
      "--sysroot=/usr",
      "-Wl,--no-entry",
      "-Wl,--strip-all",
      "-o",
      core,
      join(folder, "talk3.c"),
    ]);
    return await componentOf(await readFile(core), await readFile(join(folder, "world3.wit"), "utf8"));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
