import { Coders } from "../../chain/index.ts";
import type { Shared } from "../configuration.ts";

/** What configurations share, without a component or a service. Tests only. */
export const shared = {
  components: { take: () => Promise.resolve(new Map()), release: () => {} },
  services: { take: () => new Map(), release: () => {} },
  sessionKey: Buffer.alloc(32),
  ticketKeys: () => Buffer.alloc(48),
  coders: new Coders(0),
  limit: (_limits: unknown, _route: unknown, next: unknown) => next,
} as unknown as Shared;
