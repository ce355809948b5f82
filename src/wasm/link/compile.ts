import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Prepared } from "../prepare/prepared.ts";
import type { Compiled } from "./instance.ts";
import type { Manifest } from "./manifest.ts";

/** Below this many bytes compiling on this thread is quicker than handing over to another. */
const small = 512 * 1024;

/** Bytes of modules that stay compiled on this thread though nobody may use them any more. */
const mostKept = 8 << 20;
/** The last used one is last. */
const kept = new Map<string, { modules: readonly WebAssembly.Module[]; bytes: number }>();
let keptBytes = 0;

/**
 * The engine knows code again by its bytes as long as something of it lives, whichever thread compiled it: then it compiles and
 * validates nothing, and functions that ran are there. So what was taken away and comes back, as by a release that is
 * undone, starts in half of the time, and leaves nothing to the collector.
 */
function keep(key: string, modules: readonly WebAssembly.Module[], prepared: Prepared): void {
  const bytes = prepared.modules.reduce((sum, { length }) => sum + length, 0);
  forget(key);
  if (bytes > mostKept) return;
  kept.set(key, { modules, bytes });
  keptBytes += bytes;
  while (keptBytes > mostKept) forget(kept.keys().next().value!);
}

function forget(key: string): void {
  keptBytes -= kept.get(key)?.bytes ?? 0;
  kept.delete(key);
}

/** Compiles all modules. Rejects with `component-malformed` where V8 refuses one. */
export async function compile(prepared: Prepared): Promise<Compiled> {
  const manifest = prepared.manifest as Manifest;
  try {
    const modules = await Promise.all(
      prepared.modules.map((bytes) =>
        bytes.length < small ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes),
      ),
    );
    keep(`${prepared.digest} ${prepared.isolation}`, modules, prepared);
    return { manifest, modules };
  } catch (cause) {
    throw new BandstandError("component-malformed", `a core module does not compile: ${messageOf(cause)}`, {
      cause,
      remedy: "Build the component again.",
    });
  }
}
