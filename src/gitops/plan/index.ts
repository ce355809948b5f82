export { plan } from "./plan.ts";
export type { Planned, PlanOptions, Resolved } from "./input.ts";
