import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentNew, preview1AdapterCommandPath } from "@bytecodealliance/jco";
import { expect, it } from "vitest";
import { usualCounts } from "../../src/model/plan/index.ts";
import type { HostUse, Lowering } from "../../src/wasm/host/contract.ts";
import {
  ComponentScope,
  droppedKind,
  Guest,
  GuestMemory,
  hostFunction,
  hostLookup,
} from "../../src/wasm/host/index.ts";
import { openGrants } from "../../src/wasm/files/index.ts";
import { compile, instantiate, interruptHook } from "../../src/wasm/link/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";

/** The C program that tries all that the C library has for files, as a component. */
async function build(folder: string): Promise<Uint8Array> {
  const core = join(folder, "files.wasm");
  const source = join(import.meta.dirname, "../guests/files/files.c");
  await promisify(execFile)("clang", ["--target=wasm32-wasi", "-O1", "-o", core, source]);
  const adapter = await readFile(preview1AdapterCommandPath());
  return Uint8Array.from(await componentNew(await readFile(core), [["wasi_snapshot_preview1", adapter]]));
}

/** Runs a component that waits for nothing, with a folder as `/data`. Answers what it wrote. */
async function run(component: Uint8Array, host: string): Promise<string> {
  const compiled = await compile(prepare(component, hostLookup, "reuse"));
  const lines: string[] = [];
  const logger = { log: (_: string, line: string) => lines.push(line) };
  const guest = new Guest(new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger } as never));
  const files = openGrants([{ host, guest: "/data", readOnly: false }]);
  guest.directories = files.directories;
  guest.entry = "waiting";
  const bind = (use: HostUse, lowering: Lowering) => {
    if (use.kind === "built-in") throw new Error("not of WASI 0.2");
    const kind = use.kind === "drop" ? droppedKind(use)! : "";
    if (use.kind === "drop") return (handle: number) => guest.handles.drop(handle, kind);
    return hostFunction(use)!.bind(guest, new GuestMemory(guest, lowering));
  };
  const memories = compiled.manifest.memories.map(
    ({ minimum }) => new WebAssembly.Memory({ initial: minimum, maximum: 1000 }),
  );
  try {
    const instance = instantiate(compiled, { bind, memories, hook: interruptHook(() => 0), guest: 1 });
    (instance.exports.get("wasi:cli/run#run")!.call as () => unknown)();
  } finally {
    guest.endLog();
    files.close();
  }
  return `${lines.join("\n")}\n`;
}

it("files of a C program do what they do in wasmtime", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-c-files-"));
  try {
    const given = join(folder, "data", "given");
    mkdirSync(join(given, "deep"), { recursive: true });
    writeFileSync(join(given, "text"), "given");
    symlinkSync("text", join(given, "within"));
    symlinkSync("../text", join(given, "deep", "up"));
    symlinkSync("/etc/passwd", join(given, "absolute"));
    symlinkSync("../../etc/passwd", join(given, "upwards"));
    const told = await run(await build(folder), join(folder, "data"));
    await expect(told).toMatchFileSnapshot("golden/files.txt");
    expect(readFileSync(join(folder, "data", "large"), "utf8")).toMatch(/^0\n1\n[^]*\n49999\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
