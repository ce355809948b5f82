import type { HostLookup } from "../link/index.ts";
import { cli } from "./cli/index.ts";
import { clocks } from "./clocks/index.ts";
import { config } from "./config/index.ts";
import type { InterfaceUse } from "./contract.ts";
import type { Function, HostInterface } from "./define.ts";
import { filesystem } from "./filesystem/index.ts";
import { http } from "./http/index.ts";
import { io } from "./io/index.ts";
import { keyvalue } from "./keyvalue/index.ts";
import { logging } from "./logging/index.ts";
import { preview1 } from "./preview1/index.ts";
import { random } from "./random/index.ts";
import { sockets } from "./sockets/index.ts";
import { draftRefusal, isWasi3, wasi3 } from "./wasi3/index.ts";

export { ComponentScope } from "./component.ts";
export { Guest } from "./guest.ts";
export { Content } from "./http/content.ts";
export { Fields } from "./http/fields.ts";
export { Exchange } from "./http/exchange.ts";
export type { KeptHandles } from "./handles.ts";
export { IncomingRequest, OutgoingResponse, ResponseOutparam, sourceOf } from "./http/resources.ts";
export { answerOf, Request, Response } from "./wasi3/index.ts";
export { Meter } from "./meter.ts";
export { hostLimits } from "./limits.ts";
export { GuestMemory } from "./memory.ts";

/** Every interface that a component may import, by its name without a version. */
const interfaces: Record<string, HostInterface> = {
  ...cli,
  ...clocks,
  ...config,
  ...filesystem,
  ...http,
  ...io,
  ...keyvalue,
  ...logging,
  ...preview1,
  ...random,
  ...sockets,
};

/** Those that are others in WASI 0.3; `undefined`: as in 0.2, or without a version. */
function interfaceOf({ interface: name, version }: InterfaceUse): HostInterface | undefined {
  const found = isWasi3.test(version) ? wasi3 : interfaces;
  return Object.hasOwn(found, name) ? found[name] : undefined;
}

/** All resource types. An interface may pass on those of another by its own name, so that they are looked up without it. */
const resources = new Map(
  [...Object.values(interfaces), ...Object.values(wasi3)].flatMap((each) => each.resources.map((kind) => [kind, kind])),
);
const otherNames: Record<string, string> = { headers: "fields", trailers: "fields" };

/** The kind of resource that a drop is for; undefined: none of ours. */
export function droppedKind(use: InterfaceUse & { kind: "drop" }): string | undefined {
  // The constant itself, and not what reads alike in a file: comparing the same object is quickest.
  const kind = resources.get(otherNames[use.resource] ?? use.resource);
  return interfaceOf(use) !== undefined ? kind : undefined;
}

/** The function of the host that a component imports; undefined: there is none. */
export function hostFunction(use: InterfaceUse & { kind: "function" }): Function | undefined {
  const functions = interfaceOf(use)?.functions;
  const found = functions !== undefined && Object.hasOwn(functions, use.name) ? functions[use.name] : undefined;
  return use.async ? found?.async : found;
}

/** What the linker asks when it prepares a component. */
export const hostLookup: HostLookup = (use) => {
  const refusal = draftRefusal(use.interface, use.version);
  if (refusal !== undefined) return { refusal };
  if (use.kind === "function") return hostFunction(use);
  return droppedKind(use) === undefined ? undefined : { params: ["i32"], results: [] };
};
