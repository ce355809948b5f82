export { adminClient, type AdminClient, type AdminReply } from "./client.ts";
export type { AdminCallbacks } from "./endpoints.ts";
export { AdminServer, type AdminOptions } from "./server.ts";
