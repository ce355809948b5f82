export { plan } from "./plan.ts";
export { controllerName } from "./gateway/listeners.ts";
export type { Planned, PlanOptions, Resolved } from "./input.ts";
