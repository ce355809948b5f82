import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BandstandError } from "../../foundation/errors/index.ts";
import { fromCache, intoCache } from "../cache.ts";
import { runTool } from "../process/index.ts";
import { checkModule } from "./check-module.ts";

const program = fileURLToPath(import.meta.resolve(`./adapt-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`));
/** Another one makes another component of the same module: to be changed with the package. */
const adapter = "jco 1.17.9";
const limits = { timeout: 120_000, memory: 3 * 2 ** 30 };

/**
 * A WASI 0.1 command as a component of WASI 0.2, by the adapter that the standard's makers publish.
 * Throws `component-malformed` for what is no module, and `component-unsupported` for one that is no such command.
 */
export async function commandComponent(module: Uint8Array, { cache }: { cache: string }): Promise<Uint8Array> {
  const key = createHash("sha256").update(module).update(adapter).digest("hex");
  const kept = await fromCache(cache, key);
  if (kept !== undefined) return kept;
  await checkModule(module);
  const folder = await mkdtemp(join(tmpdir(), "bandstand-command-"));
  try {
    const [from, to] = [join(folder, "module.wasm"), join(folder, "component.wasm")];
    await writeFile(from, module);
    const { code, stderr } = await runTool({
      name: "adapting the module",
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", program, from, to],
      folder,
      scratch: folder,
      limits,
      signal: AbortSignal.timeout(limits.timeout),
    });
    if (code !== 0) {
      throw new BandstandError("component-unsupported", `it is no command of WASI 0.1: ${reasonOf(stderr)}`, {
        remedy: "Build it for wasm32-wasi (wasm32-wasip1), with a main function.",
      });
    }
    const component = await readFile(to);
    await intoCache(cache, key, component);
    return component;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The tool tells the way to its reason first, line by line. */
function reasonOf(text: string): string {
  const lines = text.split("\n").flatMap((line) => /^\s*\d*:?\s*(\S.*)$/.exec(line)?.[1] ?? []);
  return lines.at(-1) ?? "the adapter refused it";
}
