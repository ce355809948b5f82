import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fingerprintOf } from "../component/fingerprint.ts";
import { sdkFolder, wrapModule } from "../component/index.ts";
import { BuildError } from "../diagnostic/index.ts";
import { runTool } from "../process/index.ts";
import type { BuildInput, Toolchain } from "../toolchain.ts";
import { clang } from "./clang.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { hasConstructors } from "./map.ts";

const compile = ["--target=wasm32-wasi", "-O2", "-std=gnu17", "-ffunction-sections", "-fdata-sections", "-Wall"];

/**
 * 32 KiB of stack, below the data: a stack that overflows traps instead of overwriting, and a small
 * component fits one page of memory.
 */
const link = ["-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=32768"];

/** Without start code; the export keeps the linker from wrapping every function in calls of constructors. */
const plain = ["-nostartfiles", "-Wl,--no-entry", "-Wl,--export=__wasm_call_ctors"];
/** Constructors (a C library's, or the author's) run once, in `_initialize`. */
const reactor = ["-mexec-model=reactor"];

/** C with Debian's clang, lld and wasi-libc. */
export const c: Toolchain = {
  language: "c",
  recognisedBy: "*.c",
  recognises: (files) => [...files].some(isC),
  fingerprint: async () =>
    fingerprintOf(["@bytecodealliance/jco"], ["c", "wit"], await clang(), ...compile, ...link, ...plain),

  async build(input: BuildInput): Promise<Uint8Array> {
    const module = join(input.output, "module.wasm");
    const map = join(input.output, "module.map");
    await compileAndLink(input, [...plain, `-Wl,-Map=${map}`, "-o", module]);
    if (hasConstructors(await readFile(map, "utf8"))) await compileAndLink(input, [...reactor, "-o", module]);
    return wrapModule(input, module);
  },
};

async function compileAndLink(input: BuildInput, how: string[]): Promise<void> {
  const sdk = sdkFolder("c");
  const parts = (await readdir(sdk)).filter(isC).map((file) => join(sdk, file));
  const sources = [...input.sources.files.filter(isC).map((file) => `./${file}`), ...parts];
  const result = await runTool({
    name: "clang",
    command: await clang(),
    args: [...compile, "-I", sdk, ...link, ...how, ...sources],
    folder: input.folder,
    scratch: input.output,
    limits: input.limits,
    signal: input.signal,
  });
  if (result.code === 0) return;
  const remedy = "Correct the places above; sdk/c/bandstand.h says what there is to call.";
  throw new BuildError("clang refused the sources", diagnosticsOf(result.stderr), remedy);
}

function isC(file: string): boolean {
  return file.endsWith(".c");
}
