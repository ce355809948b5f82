// Runs as a process of its own: MODULE WIT COMPONENT.
import { readFile, writeFile } from "node:fs/promises";
import { componentEmbed, componentNew, preview1AdapterReactorPath } from "@bytecodealliance/jco";

const wasi01 = "wasi_snapshot_preview1";
const [module = "", wit = "", component = ""] = process.argv.slice(2);

try {
  const binary = await readFile(module);
  const adapters: [string, Uint8Array][] = [];
  // Only what uses stdio or files of a C library asks for WASI 0.1: the adapter weighs 50 kB.
  if (WebAssembly.Module.imports(new WebAssembly.Module(binary)).some((each) => each.module === wasi01)) {
    adapters.push([wasi01, await readFile(preview1AdapterReactorPath())]);
  }
  const embedded = await componentEmbed({ binary, witSource: await readFile(wit, "utf8"), world: "guest" });
  await writeFile(component, await componentNew(embedded, adapters));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
