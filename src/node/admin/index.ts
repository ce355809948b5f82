export { siteCallbacks } from "./callbacks.ts";
export type { StopRequest } from "./callbacks.ts";
export type { ShownLine } from "./log-lines.ts";
export { SiteClient } from "./site-client.ts";
export { ChangingCallbacks, startingCallbacks } from "./starting.ts";
