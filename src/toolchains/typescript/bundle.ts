import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sdkFolder } from "../component/index.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool } from "../process/index.ts";
import type { BuildInput } from "../toolchain.ts";
import { diagnosticsOf } from "./diagnostics.ts";

/** One JavaScript module of all that `src/index.ts` imports; answers its path. */
export async function bundle(input: BuildInput): Promise<string> {
  const sdk = sdkFolder("typescript");
  const outfile = join(input.output, "bundle.js");
  const result = await runTool({
    name: "esbuild",
    command: process.execPath,
    args: [
      fileURLToPath(import.meta.resolve("esbuild/bin/esbuild")),
      "src/index.ts",
      "--bundle",
      "--format=esm",
      "--platform=neutral",
      "--target=es2023",
      "--main-fields=module,main",
      "--external:wasi:*",
      `--alias:@bandstand/sdk/config=${join(sdk, "config.ts")}`,
      `--alias:@bandstand/sdk=${join(sdk, "index.ts")}`,
      // An author's tsconfig may extend files that are not there; none of it changes what runs.
      "--tsconfig-raw={}",
      "--log-level=warning",
      "--color=false",
      `--outfile=${outfile}`,
    ],
    folder: input.folder,
    scratch: input.output,
    limits: input.limits,
    signal: input.signal,
  });
  if (result.code !== 0) {
    const remedy = "Correct the places above; Node's own modules (`node:fs` and so on) do not exist in a component.";
    throw new BuildError("esbuild refused the sources", diagnosticsOf(result.stderr), remedy);
  }
  return outfile;
}
