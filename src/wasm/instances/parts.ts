import type { builtIn, builtInWaits, Task } from "../async/index.ts";
import type { Crossings } from "../crossing/index.ts";
import type { EnsembleImports, HostTask } from "../ensemble/index.ts";
import { loadInterfaces } from "../host/known.ts";
import { compile } from "../link/compile.ts";
import type { Compiled } from "../link/index.ts";
import type { Manifest } from "../link/manifest.ts";
import type { Prepared } from "../prepare/prepared.ts";

/** What only some components need: there once a component that does was loaded. */
interface Parts {
  Crossings: typeof Crossings;
  EnsembleImports: typeof EnsembleImports;
  HostTask: typeof HostTask;
  Task: typeof Task;
  builtIn: typeof builtIn;
  builtInWaits: typeof builtInWaits;
}

/** Of this thread. */
export const parts: Partial<Parts> = {};

/**
 * Compiles a component, and loads what its instances take of this host, and no more: a command is short, and every
 * module of ours costs it time. Rejects as `compile` does.
 */
export async function load(prepared: Prepared): Promise<Compiled> {
  const { uses, composition, exports } = prepared.manifest as Manifest;
  await loadInterfaces(uses);
  if (uses.some(({ kind }) => kind === "built-in") || exports.some((plan) => plan.async === true)) {
    const { builtIn, builtInWaits, Task } = await import("../async/index.ts");
    Object.assign(parts, { builtIn, builtInWaits, Task });
  }
  if (composition !== undefined) {
    // Its parts may name the resources of any interface.
    await import("../host/index.ts");
    if (composition.parents === undefined) parts.Crossings = (await import("../crossing/index.ts")).Crossings;
    else {
      const { EnsembleImports, HostTask } = await import("../ensemble/index.ts");
      Object.assign(parts, { EnsembleImports, HostTask });
    }
  }
  return compile(prepared);
}
