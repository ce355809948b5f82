import type { Problem, Resources } from "../../model/index.ts";
import type { Inventory } from "../plan/inventory.ts";

/** What the operator says about the site that is diagnosed. */
export interface DiagnoseOptions {
  /** Namespaces whose pods may leave the baseline of the Pod Security Standards. Never set by the site's own files. */
  allowPrivileged?: readonly string[];
  /** IP addresses that nothing can listen on here. */
  absentAddresses?: ReadonlySet<string>;
}

/** What every rule looks at. */
export interface Subject {
  resources: Resources;
  /** The same resources as the planner sees them, so that both say the same. */
  inventory: Inventory;
  options: DiagnoseOptions;
}

/** One check over all resources; pure. A new rule is a file of its own and one line in `rules/index.ts`. */
export type Rule = (subject: Subject) => Problem[];
