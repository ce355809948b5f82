import { activeData, type CoreModule } from "../binary/index.ts";
import type { ImportPlan, MemoryPlan, Step } from "../link/index.ts";
import { joined, type Range } from "../link/ranges.ts";
import { added, makesObjects, marks, type Scan } from "../rewrite/index.ts";

/** Memories of one module: each gets a memory of marks. */
const mostMemories = 8;
/** Globals of one module, which are all restored after every request. */
const mostGlobals = 4096;

/**
 * Why a component is instantiated anew for every request; undefined: marks are worth it, and right. What is changed in an
 * object of the engine's heap, nothing undoes: so nothing may keep objects from one request to the next.
 */
export function whyAnew(modules: readonly CoreModule[], scans: readonly Scan[]): string | undefined {
  const makes = modules.some((module, i) => makesObjects(module, scans[i]!.traces));
  const memories = modules.flatMap((module) => module.memories);
  if (makes && modules.some(({ holdsObjects, holdsExceptions }) => holdsObjects || holdsExceptions))
    return "objects that it makes may outlive a request";
  if (memories.some(({ wide }) => wide)) return "it has a 64-bit memory";
  if (memories.some(({ minimum }) => minimum > marks.mostPages)) return "it has a memory of 4 GiB";
  if (modules.some((module) => module.memories.length > mostMemories))
    return `it has more than ${mostMemories} memories in a module`;
  if (modules.some(({ mutableGlobals }) => mutableGlobals.length > mostGlobals))
    return `it has more than ${mostGlobals} globals in a module`;
  return undefined;
}

/** The rewritten module imports a memory of marks beside each memory, in their order. */
export function withMarks(step: Step): Step {
  if (step.kind !== "instantiate") return step;
  const beside: ImportPlan[] = step.imports
    .flatMap(({ source }) => (source.kind === "supplied" ? [source.memory] : []))
    .map((memory, i) => ({ module: added.module, name: added.marks(i), source: { kind: "marks", memory } }));
  return { ...step, imports: [...step.imports, ...beside] };
}

/**
 * The same memories, with what modules write into each when they are instantiated where constants say it: then a start need not
 * look through all of a memory for what it has to keep, which costs half a microsecond for each page of 4 KiB.
 */
export function withData(memories: readonly MemoryPlan[], modules: readonly CoreModule[], steps: Step[]): MemoryPlan[] {
  const data: (Range[] | undefined)[] = memories.map(() => []);
  for (const step of steps) {
    if (step.kind !== "instantiate") continue;
    const own = step.imports.flatMap(({ source }) => (source.kind === "supplied" ? [source.memory] : []));
    for (const { memory, offset, length } of activeData(modules[step.module]!)) {
      const at = own[memory]!;
      if (offset === undefined) data[at] = undefined;
      else data[at]?.push([offset, offset + length]);
    }
  }
  return memories.map((plan, i) => {
    const ranges = data[i];
    return ranges === undefined ? plan : { ...plan, data: joined(ranges, plan.minimum * 65_536) };
  });
}
