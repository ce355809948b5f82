export { SiteState } from "./site-state.ts";
export type { SiteProcess, SiteRecord } from "./site-state.ts";
export { cachePlaces, stateRoot } from "./places.ts";
