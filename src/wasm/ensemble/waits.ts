import { builtInWaits } from "../async/index.ts";
import type { Manifest } from "../link/manifest.ts";

/** One of several components may have to wait on its stack: it is entered for that from the first request on. */
export function waitsOnStacks({ composition, uses, exports }: Manifest): boolean {
  if (composition?.parents === undefined) return false;
  return (
    composition.crossings.some(
      (each) => each.kind === "call" && each.mayBlock && (!each.async || each.manner === "async"),
    ) ||
    exports.some(({ lift }) => lift?.manner === "async") ||
    uses.some((use) => use.kind === "built-in" && builtInWaits(use))
  );
}
