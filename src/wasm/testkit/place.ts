import { decodeModule } from "../binary/index.ts";
import type { HostUse } from "../host/contract.ts";
import type { Compiled, InterruptHook, Manifest } from "../link/index.ts";
import { interruptHook, Place } from "../link/index.ts";
import { memoryPlan } from "../link/manifest.ts";
import { makeMemory } from "../instances/memories.ts";
import { withData, withMarks } from "../prepare/reset.ts";
import { added, rewrite } from "../rewrite/index.ts";

export interface TestPlace {
  place: Place;
  memories: WebAssembly.Memory[];
  /** A new instance; its exports of any kind. */
  start: () => Record<string, unknown>;
}

/** A place for instances of one core module, whose functions of the host are given by name. */
export function placeOf(
  compiled: Compiled,
  functions: Record<string, (...args: never[]) => unknown> = {},
  hook: InterruptHook = interruptHook(() => 0),
): TestPlace {
  const memories = compiled.manifest.memories.map((plan) => makeMemory(plan, plan.maximum ?? 1000));
  const bind = (use: HostUse) => functions[use.kind === "drop" ? use.resource : use.name]!;
  const place = new Place(compiled, { bind, memories, hook, guest: 1 });
  const start = () => Object.fromEntries([...place.instantiate().exports].map(([name, { call }]) => [name, call]));
  return { place, memories, start };
}

/** One core module as a component of its own, rewritten so that it can be reset; all of its exports are kept. */
export function compiledOf(bytes: Uint8Array): Compiled {
  const module = decodeModule(bytes);
  const own = module.memories.slice(module.importedMemories);
  const manifest: Manifest = {
    modules: [{ name: "test", interruptible: true }],
    reset: true,
    memories: own.map((memory) => memoryPlan(memory)),
    uses: module.imports.map(({ name }) => ({
      kind: "function",
      interface: "",
      version: "",
      name,
      params: [],
      results: [],
    })),
    lowerings: [],
    steps: [],
    exports: module.exports.map(({ name }) => ({
      interface: undefined,
      version: "",
      name,
      core: { instance: 0, name },
      params: [],
      results: [],
      postReturn: undefined,
      memory: undefined,
      realloc: undefined,
    })),
  };
  manifest.steps.push(
    withMarks({
      kind: "instantiate",
      module: 0,
      imports: [
        ...module.imports.map(({ module: from, name }, use) => ({
          module: from,
          name,
          source: { kind: "host" as const, use, lowering: undefined },
        })),
        ...own.map((_, memory) => ({
          module: added.module,
          name: added.memory(memory),
          source: { kind: "supplied" as const, memory },
        })),
      ],
    }),
  );
  manifest.memories = withData(manifest.memories, [module], manifest.steps);
  return { manifest, modules: [new WebAssembly.Module(rewrite(module, { reset: true }))] };
}
