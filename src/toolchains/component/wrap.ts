import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "../process/index.ts";
import type { BuildInput } from "../toolchain.ts";
import { BuildError } from "../diagnostic/index.ts";
import { witText } from "./wit.ts";

const program = fileURLToPath(import.meta.resolve(`./wrap-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`));

/**
 * Makes a component of a core module over the lowered ABI: adds the types of the world (`embed`)
 * and wraps it (`new`). Imports that the world does not have are the author's mistake.
 */
export async function wrapModule(input: BuildInput, module: string): Promise<Uint8Array> {
  const wit = join(input.output, "guest.wit");
  const component = join(input.output, "component.wasm");
  await writeFile(wit, await witText());
  const { limits, signal, output } = input;
  const args = ["--disable-warning=ExperimentalWarning", program, module, wit, component];
  const result = await runTool({
    name: "wrapping the component",
    command: process.execPath,
    args,
    folder: output,
    scratch: output,
    limits,
    signal,
  });
  if (result.code !== 0) {
    throw new BuildError(
      "the module could not be made a component",
      [{ message: result.stderr.trim() }],
      "Import only functions of the SDK, and define `handle`.",
    );
  }
  return readFile(component);
}
