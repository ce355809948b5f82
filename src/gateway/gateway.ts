import type { EndpointTable, GatewayPlan, SecretValues } from "../model/plan/index.ts";

/**
 * The gateway as the main thread sees it: a pool of worker threads that each serve every listener.
 * Life: `apply` (the first opens the ports) → … → `drain` → `close`.
 */
export interface Gateway {
  /**
   * Builds the plan completely in every worker, then switches all of them; requests in flight
   * finish on the old one. Rejects without any change if a worker cannot build it or a port
   * cannot be bound (`port-in-use`). Needs every component's `Prepared` in the prepared store.
   */
  apply(plan: GatewayPlan, secrets: SecretValues): Promise<void>;
  /** New ready endpoints of services with `source: "engine"`; takes effect within a turn of the event loop. */
  updateEndpoints(table: EndpointTable): void;
  state(): GatewayState;
  /** Prometheus text over all workers. */
  metrics(): Promise<string>;
  /** Stops accepting, lets requests in flight end, at most so many milliseconds. */
  drain(milliseconds: number): Promise<void>;
  /** Ends all workers at once. Idempotent. */
  close(): Promise<void>;
}

export interface GatewayState {
  listeners: { id: string; address: string; port: number; protocol: string; ready: boolean }[];
  components: { id: string; digest: string; state: "ready" | "failed" }[];
  workers: { id: number; ready: boolean; restarts: number }[];
}
