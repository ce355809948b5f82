// Runs as a process of its own: MODULE COMPONENT.
import { readFile, writeFile } from "node:fs/promises";
import { componentNew, preview1AdapterCommandPath } from "@bytecodealliance/jco";

const [module = "", component = ""] = process.argv.slice(2);

try {
  const adapter = await readFile(preview1AdapterCommandPath());
  await writeFile(component, await componentNew(await readFile(module), [["wasi_snapshot_preview1", adapter]]));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
