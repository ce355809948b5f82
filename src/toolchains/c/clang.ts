import { access } from "node:fs/promises";
import { BandstandError } from "../../foundation/errors/index.ts";
import { whichTool } from "../process/index.ts";

/** The path of a clang that can make WebAssembly. Throws `environment` with the line that installs what is missing. */
export async function clang(): Promise<string> {
  const [compiler, linker] = await Promise.all([whichTool("clang"), whichTool("wasm-ld")]);
  const library = await access("/usr/include/wasm32-wasi/stdlib.h").then(
    () => true,
    () => false,
  );
  if (compiler !== undefined && linker !== undefined && library) return compiler;
  const missing = [
    compiler === undefined ? "clang" : undefined,
    linker === undefined ? "wasm-ld" : undefined,
    library ? undefined : "wasi-libc",
  ].filter((name) => name !== undefined);
  throw new BandstandError("environment", `components in C need ${missing.join(", ")}, not installed here`, {
    remedy: "As root: apt-get install -y clang lld wasi-libc libclang-rt-14-dev-wasm32",
  });
}
