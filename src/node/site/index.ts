export { RunningSite } from "./running-site.ts";
export type { Desired, SiteParts } from "./parts.ts";
export { authority } from "./status.ts";
export type { SiteStatus } from "./status.ts";
export type { GatewayStatus, RouteStatus } from "./conditions.ts";
