export { hashContext, listContext } from "./context.ts";
export type { ContextEntry, ContextLimits } from "./context.ts";
