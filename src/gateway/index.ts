export type { Gateway, GatewayState } from "./gateway.ts";
export type { AccessLogMode } from "./access-log/access-log.ts";
export { createGateway, type CreateGatewayOptions } from "./workers/options.ts";
