import type { Endpoint, EndpointTable, ServicePlan } from "../../model/plan/index.ts";
import type { CareEvents } from "../upstream/care.ts";
import type { EndpointPools } from "../upstream/pools.ts";
import { ServiceUpstream } from "../upstream/service.ts";

/** The services of one thread. They outlive a configuration, so that connections do too. */
export class Services {
  readonly #pools: EndpointPools;
  readonly #options: { events?: CareEvents; workers?: number };
  readonly #upstreams = new Map<string, { upstream: ServiceUpstream; users: number }>();
  /** Those of the configuration that takes traffic, by `ServicePlan.id`. */
  readonly #active = new Map<string, ServiceUpstream>();
  /** What the engine said last, by `ServicePlan.id`. */
  #engine: EndpointTable = {};

  constructor(pools: EndpointPools, options: { events?: CareEvents; workers?: number } = {}) {
    this.#pools = pools;
    this.#options = options;
  }

  /** Takes the services of a configuration that is being built; new ones get their endpoints at once. */
  take(plans: ServicePlan[]): ReadonlyMap<string, ServiceUpstream> {
    const taken = new Map<string, ServiceUpstream>();
    for (const plan of plans) {
      let entry = this.#upstreams.get(keyOf(plan));
      if (entry === undefined) {
        entry = { upstream: new ServiceUpstream(plan, this.#pools, this.#options), users: 0 };
        entry.upstream.setEndpoints(this.#endpointsOf(plan));
        this.#upstreams.set(keyOf(plan), entry);
      }
      entry.users++;
      taken.set(plan.id, entry.upstream);
      // A component that rehearses before the first configuration serves finds its services too.
      if (!this.#active.has(plan.id)) this.#active.set(plan.id, entry.upstream);
    }
    return taken;
  }

  /** A service by `ServicePlan.id`, as the configuration has it that takes traffic. */
  get(id: string): ServiceUpstream | undefined {
    return this.#active.get(id);
  }

  /** Endpoints by service that failed and get no requests now. */
  unavailable(): Map<string, number> {
    return new Map([...this.#active].map(([id, upstream]) => [id, upstream.unavailable()]));
  }

  /** The configuration with these services takes traffic now. */
  activate(plans: ServicePlan[]): void {
    for (const plan of plans) {
      const upstream = this.#upstreams.get(keyOf(plan))?.upstream;
      if (upstream === undefined) continue;
      upstream.setEndpoints(this.#endpointsOf(plan));
      this.#active.set(plan.id, upstream);
    }
  }

  /** New ready endpoints of services with `source: "engine"`. */
  update(table: EndpointTable, plans: ServicePlan[]): void {
    this.#engine = table;
    this.activate(plans.filter(({ source }) => source === "engine"));
  }

  release(plans: ServicePlan[]): void {
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
function keyOf({ protocol, id, policy, tls }: ServicePlan): string {
  return `${protocol} ${id} ${policy === undefined && tls === undefined ? "" : JSON.stringify([policy, tls])}`;
}
