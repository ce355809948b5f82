export { SiteState } from "./site-state.ts";
export type { SiteProcess, SiteRecord } from "./site-state.ts";
export { stateRoot } from "./places.ts";
