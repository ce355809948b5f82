export type * from "./site.ts";
export { secretKey } from "./site.ts";
export type * from "./conditions.ts";
export type * from "./gateway.ts";
export { listenerSubject } from "./gateway.ts";
export type * from "./component.ts";
export { usualCounts } from "./component.ts";
export type * from "./containers.ts";
export type * from "./policy.ts";
