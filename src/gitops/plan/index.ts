export { plan } from "./plan.ts";
export type { Planned, PlanOptions, Resolved, ResolvedComponent } from "./input.ts";
