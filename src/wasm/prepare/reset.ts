import type { CoreModule } from "../binary/index.ts";
import type { ImportPlan, Step } from "../link/index.ts";
import { added, marks } from "../rewrite/index.ts";

/** Memories of one module: each gets a memory of marks. */
const mostMemories = 8;
/** Globals of one module, which are all restored after every request. */
const mostGlobals = 4096;

/** Whether marks are worth it; a component without them is instantiated anew for every request. */
export function canReset(modules: readonly CoreModule[]): boolean {
  return modules.every(
    ({ memories, mutableGlobals }) =>
      memories.length <= mostMemories &&
      memories.every(({ minimum }) => minimum <= marks.mostPages) &&
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
