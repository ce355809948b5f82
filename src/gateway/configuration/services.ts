import type { Endpoint, EndpointTable, ServicePlan } from "../../model/plan/index.ts";
import type { EndpointPools } from "../upstream/pools.ts";
import { ServiceUpstream } from "../upstream/service.ts";

/** The services of one thread. They outlive a configuration, so that connections do too. */
export class Services {
  readonly #pools: EndpointPools;
  readonly #upstreams = new Map<string, { upstream: ServiceUpstream; users: number }>();
  /** What the engine said last, by `ServicePlan.id`. */
  #engine: EndpointTable = {};

  constructor(pools: EndpointPools) {
    this.#pools = pools;
  }

  /** Takes the services of a configuration that is being built; new ones get their endpoints at once. */
  take(plans: ServicePlan[]): ReadonlyMap<string, ServiceUpstream> {
    const taken = new Map<string, ServiceUpstream>();
    for (const plan of plans) {
      let entry = this.#upstreams.get(keyOf(plan));
      if (entry === undefined) {
        entry = { upstream: new ServiceUpstream(plan.id, this.#pools, plan.protocol), users: 0 };
        entry.upstream.setEndpoints(this.#endpointsOf(plan));
        this.#upstreams.set(keyOf(plan), entry);
      }
      entry.users++;
      taken.set(plan.id, entry.upstream);
    }
    return taken;
  }

  /** A service by `ServicePlan.id`, whichever configuration it belongs to. */
  get(id: string): ServiceUpstream | undefined {
    return (this.#upstreams.get(`http ${id}`) ?? this.#upstreams.get(`h2c ${id}`))?.upstream;
  }

  /** The configuration with these services takes traffic now. */
  activate(plans: ServicePlan[]): void {
    for (const plan of plans) this.#upstreams.get(keyOf(plan))?.upstream.setEndpoints(this.#endpointsOf(plan));
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
    }
  }

  #endpointsOf(plan: ServicePlan): Endpoint[] {
    return plan.source === "static" ? plan.endpoints : (this.#engine[plan.id] ?? []);
  }
}

/** A service that changes its protocol is another one while both configurations serve. */
function keyOf({ protocol, id }: ServicePlan): string {
  return `${protocol} ${id}`;
}
