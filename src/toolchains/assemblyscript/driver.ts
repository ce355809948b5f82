import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprintOf } from "../component/fingerprint.ts";
import { sdkFolder, wrapModule } from "../component/index.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool } from "../process/index.ts";
import type { BuildInput, Toolchain } from "../toolchain.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { abortAlias, entryFile, entryText, exportNames } from "./entry.ts";
import { renameExports } from "./exports.ts";

/** AssemblyScript: TypeScript's strict dialect, a few kilobytes, microseconds. */
export const assemblyscript: Toolchain = {
  language: "assemblyscript",
  recognisedBy: "assembly/index.ts",
  recognises: (files) => files.has("assembly/index.ts"),
  fingerprint: () =>
    fingerprintOf(["assemblyscript", "@bytecodealliance/jco"], ["assemblyscript", "wit"], entryText(true)),

  async build(input: BuildInput): Promise<Uint8Array> {
    const reuse = await wantsReuse(input);
    await writeFile(join(input.folder, entryFile), entryText(reuse));
    const compiled = join(input.output, "compiled.wasm");
    const result = await runTool({
      name: "asc",
      command: process.execPath,
      args: [compiler(), ...(await options(input, reuse)), "--outFile", compiled],
      folder: input.folder,
      scratch: input.output,
      limits: input.limits,
      signal: input.signal,
    });
    if (result.code !== 0) {
      const remedy =
        "Correct the places above. AssemblyScript is a subset of TypeScript: no exceptions, no closures, no `any`.";
      throw new BuildError("asc refused the sources", diagnosticsOf(result.stderr), remedy);
    }
    const module = join(input.output, "module.wasm");
    await writeFile(module, renameExports(await readFile(compiled), exportNames));
    return wrapModule(input, module);
  },
};

function compiler(): string {
  return fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
}

/** The author's asconfig.json is not read: it could load code (`transform`) into the build. */
async function options(input: BuildInput, reuse: boolean): Promise<string[]> {
  const packages = join(input.output, "packages");
  await mkdir(join(packages, "@bandstand"), { recursive: true });
  await symlink(sdkFolder("assemblyscript"), join(packages, "@bandstand/sdk"));
  const config = join(input.output, "asconfig.json");
  await writeFile(config, "{}");
  const runtime = reuse ? "minimal" : "stub";
  // Speed first, then size; checks of bounds stay, for a guest's own sake.
  return [entryFile, "--config", config, "--path", packages, "--runtime", runtime, "-O3", "--use", abortAlias];
}

/**
 * A fresh state for every request never needs to free memory. A component that serves many requests with one
 * instance does: package.json says so with `"bandstand": {"isolation": "reuse"}`.
 */
async function wantsReuse(input: BuildInput): Promise<boolean> {
  const text = await readFile(join(input.folder, "package.json"), "utf8").catch(() => "{}");
  try {
    const described = JSON.parse(text) as { bandstand?: { isolation?: string } } | null;
    return described?.bandstand?.isolation === "reuse";
  } catch (error) {
    throw new BuildError(
      "package.json is not JSON",
      [{ file: "package.json", message: String(error) }],
      "Correct the file.",
      error,
    );
  }
}
