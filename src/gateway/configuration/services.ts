import type { Endpoint, EndpointTable, ServicePlan } from "../../model/plan/index.ts";
import type { CareEvents } from "../upstream/care.ts";
import type { EndpointPools } from "../upstream/pools.ts";
import type { BackendTls } from "../upstream/secure.ts";
import { ServiceUpstream } from "../upstream/service.ts";

/** A service as some of its requests reach it: another way than its own is a service of its own. */
export interface ReachedService extends ServicePlan {
  tls?: BackendTls;
  /** Whether it is reached as its plan says. */
  own: boolean;
}

/** The services of one thread. They outlive a configuration, so that connections do too. */
export class Services {
  readonly #pools: EndpointPools;
  readonly #options: { events?: CareEvents; workers?: number };
  readonly #upstreams = new Map<string, { id: string; upstream: ServiceUpstream; users: number }>();
  /** Those of the configuration that takes traffic, by `ServicePlan.id`, reached as their plans say. */
  readonly #active = new Map<string, ServiceUpstream>();
  /** What the engine said last, by `ServicePlan.id`. */
  #engine: EndpointTable = {};

  constructor(pools: EndpointPools, options: { events?: CareEvents; workers?: number } = {}) {
    this.#pools = pools;
    this.#options = options;
  }

  /** Takes a service for a configuration that is being built; a new one gets its endpoints at once. */
  take(plan: ReachedService): ServiceUpstream {
    const { id, own } = plan;
    let entry = this.#upstreams.get(keyOf(plan));
    if (entry === undefined) {
      entry = { id, upstream: new ServiceUpstream(plan, this.#pools, this.#options), users: 0 };
      entry.upstream.setEndpoints(this.#endpointsOf(plan));
      this.#upstreams.set(keyOf(plan), entry);
    }
    entry.users++;
    // A component that rehearses before the first configuration serves finds its services too.
    if (own && !this.#active.has(id)) this.#active.set(id, entry.upstream);
    return entry.upstream;
  }

  /** A service by `ServicePlan.id`, as the configuration has it that takes traffic. */
  get(id: string): ServiceUpstream | undefined {
    return this.#active.get(id);
  }

  /** Endpoints by service that failed and get no requests now. */
  unavailable(): Map<string, number> {
    const most = new Map<string, number>();
    for (const { id, upstream } of this.#upstreams.values()) {
      most.set(id, Math.max(most.get(id) ?? 0, upstream.unavailable()));
    }
    return most;
  }

  /** The configuration with these services takes traffic now. */
  activate(plans: readonly ReachedService[]): void {
    for (const plan of plans) {
      const upstream = this.#upstreams.get(keyOf(plan))?.upstream;
      if (upstream === undefined) continue;
      upstream.setEndpoints(this.#endpointsOf(plan));
      if (plan.own) this.#active.set(plan.id, upstream);
    }
  }

  /** New ready endpoints of services with `source: "engine"`. */
  update(table: EndpointTable, plans: readonly ReachedService[]): void {
    this.#engine = table;
    this.activate(plans.filter(({ source }) => source === "engine"));
  }

  release(plans: readonly ReachedService[]): void {
    for (const plan of plans) {
      const entry = this.#upstreams.get(keyOf(plan));
      if (entry === undefined || --entry.users > 0) continue;
      this.#upstreams.delete(keyOf(plan));
      entry.upstream.close();
      if (this.#active.get(plan.id) === entry.upstream) this.#active.delete(plan.id);
    }
  }

  #endpointsOf(plan: ServicePlan): Endpoint[] {
    return plan.source === "static" ? plan.endpoints : (this.#engine[plan.id] ?? []);
  }
}

/** A service that changes its protocol, its policy or its TLS is another one while both configurations serve. */
function keyOf({ protocol, id, policy, tls }: ReachedService): string {
  return `${protocol} ${id} ${policy === undefined && tls === undefined ? "" : JSON.stringify([policy, tls])}`;
}
