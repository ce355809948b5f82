import type { Handler, HttpRequest, HttpResponse, Pending, RequestContext } from "../foundation/http/index.ts";
import type { Logger } from "../foundation/log/index.ts";
import type { ComponentPlan } from "../model/plan/index.ts";
import type { KeyValueStore } from "./keyvalue/index.ts";
import type { Prepared } from "./prepare/prepared.ts";

/**
 * What runs components on one thread. Life: `load` → `handle` any number of times → `close`.
 * Everything slow (decode, link, rewrite, compile) happened in `prepare`, or happens in `load`; never in `handle`.
 */
export interface Runtime {
  readonly name: "v8";
  /** Compiles and warms a component up. Throws `component-unsupported` or `component-malformed`. */
  load(plan: ComponentPlan, prepared: Prepared, host: ComponentHost): Promise<LoadedComponent>;
}

export interface LoadedComponent {
  /**
   * One request through the component. `next` is the rest of the chain where it is a middleware.
   * Throws a BandstandError for what the gateway answers (trap, limits, no answer).
   */
  handle(request: HttpRequest, context: RequestContext, next?: Handler): HttpResponse | Promise<HttpResponse>;
  /** Requests in flight end; nothing of it stays. Idempotent. */
  close(): Promise<void>;
}

/** What the gateway gives one component; capabilities are already narrowed to what its plan lists. */
export interface ComponentHost {
  logger: Logger;
  /** Configuration with secret values resolved. */
  config: ReadonlyMap<string, string>;
  /** A store by the name that the component uses; without it, there are none. */
  keyValue?(name: string): KeyValueStore | "no-such-store" | "access-denied";
  /** Outbound HTTP. Throws `component-denied` where no capability covers the target. */
  fetch(request: HttpRequest, context: RequestContext, timeouts: OutboundTimeouts): Pending<HttpResponse>;
}

/** Milliseconds; undefined: the host's defaults. */
export interface OutboundTimeouts {
  connect?: number;
  firstByte?: number;
  betweenBytes?: number;
}
