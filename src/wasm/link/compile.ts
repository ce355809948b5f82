import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Prepared } from "../prepare/prepared.ts";
import type { Compiled } from "./instance.ts";
import type { Manifest } from "./manifest.ts";

/** Below this many bytes compiling on this thread is quicker than handing over to another. */
const small = 256 * 1024;

/** Compiles all modules. Rejects with `component-malformed` where V8 refuses one. */
export async function compile(prepared: Prepared): Promise<Compiled> {
  const manifest = prepared.manifest as Manifest;
  try {
    const modules = await Promise.all(
      prepared.modules.map((bytes) =>
        bytes.length < small ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes),
      ),
    );
    return { manifest, modules };
  } catch (cause) {
    throw new BandstandError("component-malformed", `a core module does not compile: ${messageOf(cause)}`, {
      cause,
      remedy: "Build the component again.",
    });
  }
}
