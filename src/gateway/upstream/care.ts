import type { ServicePlan, ServicePolicyPlan } from "../../model/plan/index.ts";
import type { Bounds } from "./pools.ts";
import type { BackendTls } from "./secure.ts";

/** What connections to a Service are made by. */
export interface Connecting extends Pick<ServicePlan, "id" | "protocol" | "policy"> {
  tls?: BackendTls;
}

/** What counts happen in the care of backends. `backend` is `Service/namespace/name:port`. */
export interface CareEvents {
  retried(backend: string): void;
  retryRefused(backend: string): void;
  ejected(backend: string): void;
  checkFailed(backend: string): void;
}

export const noEvents: CareEvents = {
  retried() {},
  retryRefused() {},
  ejected() {},
  checkFailed() {},
};

/** A thread's part of a limit: all parts together are the limit, and no part is nothing unless the limit is. */
export function partOf(limit: number, workers: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.floor(limit / workers));
}

/** The connections to a Service: what a policy allows, and TLS; undefined where nothing is said of them. */
export function boundsOf({ id, protocol, policy = {}, tls }: Connecting, workers: number): Bounds | undefined {
  const { connectTimeout, idleTimeout, limits = {} } = policy;
  const { connections, pending, requests } = limits;
  const options: Bounds["options"] = {
    ...(connectTimeout !== undefined && { connectTimeout }),
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(connections !== undefined && { connections: partOf(connections, workers) }),
    ...(tls !== undefined && { tls }),
    ...(pending !== undefined && protocol === "http" && { queue: partOf(pending, workers) }),
  };
  // What is counted by Service must not be mixed with what others send to the same endpoints.
  return Object.keys(options).length === 0 && requests === undefined ? undefined : { owner: id, options };
}

/** Limits of a Service in one thread. */
export function limitsOf({ limits }: ServicePolicyPlan, workers: number): { requests: number; retries: number } {
  const part = (limit: number | undefined): number =>
    limit === undefined ? Number.POSITIVE_INFINITY : partOf(limit, workers);
  return { requests: part(limits?.requests), retries: part(limits?.retries) };
}
