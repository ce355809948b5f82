import type { HostUse } from "../host/contract.ts";
import type { ImportPlan, ImportSource, Manifest } from "../link/index.ts";

const adapted = "wasi_snapshot_preview1";

const exit = use("wasi:cli/exit", "exit-with-code", 1, 0);
const texts = ["args_get", "args_sizes_get", "environ_get", "environ_sizes_get"].map((name) =>
  use(adapted, name, 2, 1),
);

/**
 * What a module of WASI 0.1 asks the host past the adapter that makes a component of it. `proc_exit`: programs end with a
 * number of their own, and `wasi:cli/exit` of 0.2, which the adapter calls, only knows success and failure. Arguments and
 * variables: the adapter gives up on modules that ask for them with memory of their own in another order than C's.
 */
export function pastAdapter(manifest: Manifest): Manifest {
  const uses = [...manifest.uses];
  const lowerings = [...manifest.lowerings];
  const steps = manifest.steps.map((step) => {
    if (step.kind !== "instantiate" || !step.imports.some((each) => each.module === adapted)) return step;
    const memory = ownMemory(step.imports);
    const lowering = memory === undefined ? undefined : lowerings.push(memory) - 1;
    const sourceOf = ({ module, name, source }: ImportPlan): ImportSource => {
      if (module !== adapted) return source;
      if (name === "proc_exit") return { kind: "host", use: uses.push(exit) - 1, lowering: undefined };
      const found = texts.find((each) => each.name === name);
      if (found === undefined || lowering === undefined) return source;
      return { kind: "host", use: uses.push(found) - 1, lowering };
    };
    return { ...step, imports: step.imports.map((each) => ({ ...each, source: sourceOf(each) })) };
  });
  return { ...manifest, uses, lowerings, steps };
}

/** The memory that the module defines, which the host hands in. */
function ownMemory(imports: readonly ImportPlan[]): Manifest["lowerings"][number] | undefined {
  const source = imports.map((each) => each.source).find((each) => each.kind === "supplied");
  return source === undefined ? undefined : { memory: source, realloc: undefined, encoding: "utf8" };
}

function use(from: string, name: string, params: number, results: number): HostUse & { kind: "function" } {
  const numbers = (count: number) => Array.from({ length: count }, () => "i32" as const);
  return {
    kind: "function",
    interface: from,
    version: "0.2.0",
    name,
    params: numbers(params),
    results: numbers(results),
  };
}
