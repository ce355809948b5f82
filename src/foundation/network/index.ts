/**
 * Who a guest may reach: one grammar of grants for sockets and for HTTP, and the addresses that must be named. And
 * which addresses and ports are this machine's.
 */
export { canonical, isRefusedAddress, plainAddress } from "./addresses.ts";
export { absentAddresses } from "./own-addresses.ts";
export { failureToBind, isSharedWithOthers } from "./bindable.ts";
export { coversAddress, coversName, grantForms, isLocalName, parseGrant } from "./grant.ts";
export type { NetworkGrant } from "./grant.ts";
export { guardedLookup, systemResolve } from "./resolve.ts";
export type { Resolve } from "./resolve.ts";
export { clientOf } from "./client-of.ts";
