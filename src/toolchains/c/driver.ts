import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sdkFolder, wrapModule } from "../component/index.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool } from "../process/index.ts";
import { fingerprintOf } from "../component/fingerprint.ts";
import type { BuildInput, Toolchain } from "../toolchain.ts";
import { clang } from "./clang.ts";
import { diagnosticsOf } from "./diagnostics.ts";

/**
 * 32 KiB of stack, below the data: a stack that overflows traps instead of overwriting, and a small
 * component fits one page of memory.
 */
const stack = ["-Wl,--stack-first", "-Wl,-z,stack-size=32768"];

const compile = ["--target=wasm32-wasi", "-O2", "-std=gnu17", "-ffunction-sections", "-fdata-sections", "-Wall"];
const link = ["-nostartfiles", "-Wl,--no-entry", "-Wl,--gc-sections", "-Wl,--strip-all", ...stack];

/** C with Debian's clang, lld and wasi-libc. */
export const c: Toolchain = {
  language: "c",
  recognisedBy: "*.c",
  recognises: (files) => [...files].some(isC),
  fingerprint: async () => fingerprintOf(["@bytecodealliance/jco"], ["c", "wit"], await clang()),

  async build(input: BuildInput): Promise<Uint8Array> {
    const compiler = await clang();
    const sdk = sdkFolder("c");
    const parts = (await readdir(sdk)).filter(isC).map((file) => join(sdk, file));
    const module = join(input.output, "module.wasm");
    const files = input.sources.files.filter(isC);
    const result = await runTool({
      name: "clang",
      command: compiler,
      args: [...compile, "-I", sdk, ...link, "-o", module, ...files, ...parts],
      folder: input.folder,
      scratch: input.output,
      limits: input.limits,
      signal: input.signal,
    });
    if (result.code !== 0) {
      const remedy = "Correct the places above; sdk/c/bandstand.h says what there is to call.";
      throw new BuildError("clang refused the sources", diagnosticsOf(result.stderr), remedy);
    }
    return wrapModule(input, module);
  },
};

function isC(file: string): boolean {
  return file.endsWith(".c");
}
