import type { HostLookup } from "../link/index.ts";
import { cli } from "./cli/index.ts";
import { clocks } from "./clocks/index.ts";
import { config } from "./config/index.ts";
import type { HostUse } from "./contract.ts";
import type { Function, HostInterface } from "./define.ts";
import { filesystem } from "./filesystem/index.ts";
import { http } from "./http/index.ts";
import { io } from "./io/index.ts";
import { logging } from "./logging/index.ts";
import { random } from "./random/index.ts";
import { sockets } from "./sockets/index.ts";

export { ComponentScope } from "./component.ts";
export { Guest } from "./guest.ts";
export { Exchange } from "./http/exchange.ts";
export type { KeptHandles } from "./handles.ts";
export { IncomingRequest, OutgoingResponse, ResponseOutparam } from "./http/resources.ts";
export { GuestMemory } from "./memory.ts";

/** Every interface that a component under the gateway may import, by its name without a version. */
const interfaces: Record<string, HostInterface> = {
  ...cli,
  ...clocks,
  ...config,
  ...filesystem,
  ...http,
  ...io,
  ...logging,
  ...random,
  ...sockets,
};

/** All resource types. An interface may pass on those of another by its own name, so that they are looked up without it. */
const resources = new Set(Object.values(interfaces).flatMap((each) => each.resources));
const otherNames: Record<string, string> = { headers: "fields", trailers: "fields" };

/** The kind of resource that a drop is for; undefined: none of ours. */
export function droppedKind(use: HostUse & { kind: "drop" }): string | undefined {
  const kind = otherNames[use.resource] ?? use.resource;
  return use.interface in interfaces && resources.has(kind) ? kind : undefined;
}

/** The function of the host that a component imports; undefined: there is none. */
export function hostFunction(use: HostUse & { kind: "function" }): Function | undefined {
  const found = Object.hasOwn(interfaces, use.interface) ? interfaces[use.interface] : undefined;
  return found !== undefined && Object.hasOwn(found.functions, use.name) ? found.functions[use.name] : undefined;
}

/** What the linker asks when it prepares a component. */
export const hostLookup: HostLookup = (use) =>
  use.kind === "function"
    ? hostFunction(use)
    : droppedKind(use) === undefined
      ? undefined
      : { params: ["i32"], results: [] };
