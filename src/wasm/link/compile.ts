import type { Prepared } from "../prepare/prepared.ts";
import type { Compiled } from "./instance.ts";
import type { Manifest } from "./manifest.ts";

/** Below this many bytes compiling on this thread is quicker than handing over to another. */
const small = 256 * 1024;

/** Compiles all modules. Rejects with `component-malformed` where V8 refuses one. */
export async function compile(prepared: Prepared): Promise<Compiled> {
  const modules = await Promise.all(
    prepared.modules.map((bytes) =>
      bytes.length < small ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes),
    ),
  );
  return { manifest: prepared.manifest as Manifest, modules };
}
