import type { Manifest } from "../link/index.ts";

/**
 * Commands of WASI 0.1 end with a number of their own, and `wasi:cli/exit` of 0.2, which their adapter calls, only knows
 * success and failure: their `proc_exit` goes to the host past the adapter.
 */
export function withExitCodes(manifest: Manifest): Manifest {
  const use = manifest.uses.length;
  let found = false;
  const steps = manifest.steps.map((step) => {
    if (step.kind !== "instantiate") return step;
    const imports = step.imports.map((each) => {
      if (each.module !== "wasi_snapshot_preview1" || each.name !== "proc_exit") return each;
      found = true;
      return { ...each, source: { kind: "host" as const, use, lowering: undefined } };
    });
    return { ...step, imports };
  });
  if (!found) return manifest;
  const exit = {
    kind: "function" as const,
    interface: "wasi:cli/exit",
    version: "0.2.0",
    name: "exit-with-code",
    params: ["i32" as const],
    results: [],
  };
  return { ...manifest, uses: [...manifest.uses, exit], steps };
}
