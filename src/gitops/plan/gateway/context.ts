import type { Inventory } from "../inventory.ts";
import type { PolicyBook } from "../policies/policies.ts";
import type { Report } from "../report.ts";
import type { ServiceBook } from "../services/services.ts";

/** What planning of routes looks things up in. */
export interface RouteContext {
  inventory: Inventory;
  services: ServiceBook;
  policies: PolicyBook;
  /** By `namespace/name`: why a component cannot be used; undefined where it can. */
  componentProblem(id: string): string | undefined;
  report: Report;
}

export const ourGroup = "bandstand.dev";
