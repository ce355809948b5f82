export { digestOf } from "./digest.ts";
export { prepare } from "./prepare.ts";
export type { Prepared } from "./prepared.ts";
export { PreparedStore } from "./store.ts";
export { summarise } from "./summary.ts";
export type { ComponentSummary } from "./summary.ts";
