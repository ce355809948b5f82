import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprintOf } from "../component/fingerprint.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool } from "../process/index.ts";
import type { BuildInput, Toolchain } from "../toolchain.ts";
import { bundle } from "./bundle.ts";
import { packagesFor } from "./packages.ts";
import { worldFor } from "./world.ts";

const program = fileURLToPath(
  import.meta.resolve(`./componentize-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`),
);

/** TypeScript on StarlingMonkey: all of the language and the web's interfaces, 12 MB a component. */
export const typescript: Toolchain = {
  language: "typescript",
  recognisedBy: "package.json with src/index.ts",
  recognises: (files) => files.has("package.json") && files.has("src/index.ts"),
  fingerprint: () => fingerprintOf(["@bytecodealliance/componentize-js", "esbuild"], ["typescript", "wit"]),

  async build(input: BuildInput): Promise<Uint8Array> {
    await packagesFor(input);
    const bundled = await bundle(input);
    const world = join(input.output, "world.wit");
    const component = join(input.output, "component.wasm");
    await writeFile(world, await worldFor(await readFile(bundled, "utf8")));
    const result = await runTool({
      name: "componentize-js",
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", program, bundled, world, component],
      folder: input.output,
      scratch: input.output,
      limits: input.limits,
      signal: input.signal,
    });
    if (result.code !== 0) {
      const remedy =
        "The top level of a component runs when it is built: read requests, configuration and clocks inside of the handler.";
      throw new BuildError("the component could not be started", [{ message: startError(result.stderr) }], remedy);
    }
    return readFile(component);
  },
};

/** componentize-js wraps what the guest threw in its own explanation: keep the guest's words. */
function startError(text: string): string {
  // Which program the engine was run with, and where it stands, says nothing to an author.
  const lines = text
    .replace(/ \(wizer \(.*?\)\)/, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at .*node_modules/.test(line));
  return lines.slice(0, 12).join("\n  ").slice(0, 4000);
}
