import type { CoreModule } from "../binary/index.ts";
import type { ImportPlan, Step } from "../link/index.ts";
import { added, makesObjects, marks, type Scan } from "../rewrite/index.ts";

/** Memories of one module: each gets a memory of marks. */
const mostMemories = 8;
/** Globals of one module, which are all restored after every request. */
const mostGlobals = 4096;

/**
 * Whether marks are worth it, and right; a component without them is instantiated anew for every request. What is
 * changed in an object of the engine's heap, nothing undoes: so nothing may keep objects from one request to the next.
 */
export function canReset(modules: readonly CoreModule[], scans: readonly Scan[]): boolean {
  const makes = modules.some((module, i) => makesObjects(module, scans[i]!.traces));
  return modules.every(
    ({ memories, mutableGlobals, holdsObjects }) =>
      !(makes && holdsObjects) &&
      memories.length <= mostMemories &&
      memories.every(({ minimum, wide }) => !wide && minimum <= marks.mostPages) &&
      mutableGlobals.length <= mostGlobals,
  );
}

/** The rewritten module imports a memory of marks beside each memory, in their order. */
export function withMarks(step: Step): Step {
  if (step.kind !== "instantiate") return step;
  const beside: ImportPlan[] = step.imports
    .flatMap(({ source }) => (source.kind === "supplied" ? [source.memory] : []))
    .map((memory, i) => ({ module: added.module, name: added.marks(i), source: { kind: "marks", memory } }));
  return { ...step, imports: [...step.imports, ...beside] };
}
