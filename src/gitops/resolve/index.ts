export { buildNeeds, componentFiles, isThere, resolve } from "./resolve.ts";
export type { Resolution } from "./resolve.ts";
export type { BuildNeed, ResolveOptions, ResolveTools } from "./options.ts";
