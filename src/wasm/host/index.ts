import { cli } from "./cli/index.ts";
import { clocks } from "./clocks/index.ts";
import { config } from "./config/index.ts";
import type { HostInterface } from "./define.ts";
import { filesystem } from "./filesystem/index.ts";
import { http } from "./http/index.ts";
import { io } from "./io/index.ts";
import { keyvalue } from "./keyvalue/index.ts";
import { know } from "./known.ts";
import { logging } from "./logging/index.ts";
import { preview1 } from "./preview1/index.ts";
import { random } from "./random/index.ts";
import { sockets } from "./sockets/index.ts";
import { wasi3 } from "./wasi3/index.ts";

export { ComponentScope } from "./component.ts";
export { Guest, type Pausing } from "./guest.ts";
export { Content } from "./http/content.ts";
export { Fields } from "./http/fields.ts";
export { Exchange } from "./http/exchange.ts";
export type { KeptHandles } from "./handles.ts";
export { IncomingRequest, OutgoingResponse, ResponseOutparam, sourceOf } from "./http/resources.ts";
export { answerOf, Request, Response } from "./wasi3/index.ts";
export { Meter } from "./meter.ts";
export { GuestMemory } from "./memory.ts";
export { droppedKind, hostFunction } from "./known.ts";
export { hostLookup } from "./lookup.ts";

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

know(interfaces);
know(wasi3, true);
