import { resourceKey } from "../../model/index.ts";
import type { Problem, Resources } from "../../model/index.ts";
import { compare, takeInventory } from "../plan/inventory.ts";
import type { DiagnoseOptions } from "./rule.ts";
import { rules } from "./rules/index.ts";

/**
 * What is wrong with resources that passed their schemas: references, cycles, attachment of routes,
 * pod security. Pure. Problems come in the order of files and lines.
 */
export function diagnose(resources: Resources, options: DiagnoseOptions = {}): Problem[] {
  const inventory = takeInventory([...resources]);
  return inOrder(rules.flatMap((rule) => rule({ resources, inventory, options })));
}

/**
 * Joins what diagnosis and planning found. The planner knows no positions, and repeats what a rule has
 * said in other words: of one resource and code, the rule's problem stays.
 */
export function withPlanned(
  diagnosed: readonly Problem[],
  planned: readonly Problem[],
  resources: Resources,
): Problem[] {
  const said = new Set(diagnosed.map(({ resource, code }) => `${resource} ${code}`));
  const byName = new Map([...resources].map((resource) => [resourceKey(resource), resource]));
  const placed = planned
    .filter(({ resource, code }) => !said.has(`${resource} ${code}`))
    .map((problem) => {
      const resource = byName.get(problem.resource ?? "");
      return resource === undefined ? problem : { ...problem, ...resources.position(resource, ["metadata", "name"]) };
    });
  return inOrder([...diagnosed, ...placed]);
}

/** Sorts after every path. */
const last = "\uffff";

/** By file, line and column; those without a place last. */
function inOrder(problems: Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file ?? last, b.file ?? last) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}
