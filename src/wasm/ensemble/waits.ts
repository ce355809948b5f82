import { builtInWaits } from "../async/index.ts";
import type { HostUse } from "../host/contract.ts";
import { hostFunction } from "../host/known.ts";
import type { Manifest } from "../link/manifest.ts";

/**
 * A component of the asynchronous ABI may have to wait on its stack: it is entered for that from the first request on. What waits so
 * only for some requests would fail the first one of them otherwise, since it cannot begin again.
 */
export function waitsOnStacks({ composition, uses, exports }: Manifest): boolean {
  if (composition?.parents === undefined)
    return exports.some(isStackful) || (exports.some(isAsync) && uses.some(waits));
  return (
    composition.crossings.some(
      (each) => each.kind === "call" && each.mayBlock && (!each.async || each.manner === "async"),
    ) ||
    exports.some(({ lift }) => lift?.manner === "async") ||
    uses.some(waits)
  );
}

type Export = Manifest["exports"][number];

function isAsync({ async }: Export): boolean {
  return async === true;
}

function isStackful({ async, callback }: Export): boolean {
  return async === true && callback === undefined;
}

/** Of the functions of WASI 0.2 some wait too, and are imported by toolchains whether they are called or not: those show it when they do. */
function waits(use: HostUse): boolean {
  if (use.kind === "built-in") return builtInWaits(use);
  if (use.kind !== "function" || use.async === true) return false;
  const found = hostFunction(use);
  return found?.waits === true && found.async !== undefined;
}
