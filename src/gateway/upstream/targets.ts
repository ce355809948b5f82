import { performance } from "node:perf_hooks";
import type { Endpoint, ServicePlan, ServicePolicyPlan } from "../../model/plan/index.ts";
import { Checks } from "./checks.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import { Health } from "./health.ts";
import type { Holder } from "./places/holder.ts";
import { endpointKey, type Bounds, type EndpointPools } from "./pools.ts";

/** One endpoint of a Service as one thread knows it. */
export interface Target {
  endpoint: Endpoint;
  key: string;
  client: EndpointClient;
  health: Health;
  checks: Checks | undefined;
}

interface Options {
  protocol: ServicePlan["protocol"];
  policy: ServicePolicyPlan;
  bounds: Bounds | undefined;
  checkFailed: () => void;
}

/** The endpoints of a Service, and which one is next. */
export class Targets {
  readonly #pools: EndpointPools;
  readonly #options: Options;
  #all: Target[] = [];
  #next = 0;

  constructor(pools: EndpointPools, options: Options) {
    this.#pools = pools;
    this.#options = options;
  }

  get all(): readonly Target[] {
    return this.#all;
  }

  /** Requests under way or waiting now. */
  get active(): number {
    let count = 0;
    for (const { client } of this.#all) count += client.active;
    return count;
  }

  /** Ends a request that its client holds up, for another one. False: there is none. */
  giveUp(waiter: Holder | undefined): boolean {
    return this.#all.some(({ client }) => client.giveUp(waiter));
  }

  /** Endpoints that get no requests now, as far as there are others. */
  unavailable(): number {
    const now = performance.now();
    return this.#all.filter(({ health }) => !health.available(now)).length;
  }

  /** Replaces the endpoints; those that stay keep their connections and what is known of them. */
  set(endpoints: Endpoint[]): void {
    const { protocol, bounds } = this.#options;
    const before = new Map(this.#all.map((target) => [target.key, target]));
    const targets = new Map<string, Target>();
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint);
      if (targets.has(key)) continue;
      targets.set(key, before.get(key) ?? this.#make(endpoint, key));
      before.delete(key);
    }
    this.#all = [...targets.values()];
    for (const { endpoint, checks } of before.values()) {
      checks?.stop();
      this.#pools.release(endpoint, protocol, bounds);
    }
  }

  /** @param wanted comes first, whatever its health; those in `not` are left out. Undefined where nothing is left. */
  choose(wanted?: string, not?: readonly Target[]): Target | undefined {
    const all = this.#all;
    if (all.length === 1) return not?.includes(all[0]!) === true ? undefined : all[0];
    if (wanted !== undefined) {
      const found = all.find(({ key }) => key === wanted);
      if (found !== undefined) return found;
    }
    const now = performance.now();
    return this.#options.policy.balancing === "LeastRequests" ? this.#least(now, not) : this.#turn(now, not);
  }

  /** Whether one endpoint more may be ejected. */
  mayEject(now: number): boolean {
    const percent = this.#options.policy.outliers?.maxEjectionPercent ?? 0;
    const ejected = this.#all.filter(({ health }) => health.ejected(now)).length;
    return (ejected + 1) * 100 <= this.#all.length * percent;
  }

  #make(endpoint: Endpoint, key: string): Target {
    const { protocol, policy, bounds, checkFailed } = this.#options;
    const client = this.#pools.take(endpoint, protocol, bounds);
    const health = new Health(policy.outliers);
    const checks = policy.check && new Checks(policy.check, endpoint, client, health, checkFailed);
    return { endpoint, key, client, health, checks };
  }

  /** In turn. Where none is available, one that is not is better than none. */
  #turn(now: number, not: readonly Target[] | undefined): Target | undefined {
    const all = this.#all;
    let last: Target | undefined;
    for (let turn = 0; turn < all.length; turn++) {
      const target = all[this.#next++ % all.length] as Target;
      if (not?.includes(target) === true) continue;
      if (target.health.available(now)) return target;
      last = target;
    }
    return last;
  }

  /** The one with the fewest requests of this thread; among equals in turn. */
  #least(now: number, not: readonly Target[] | undefined): Target | undefined {
    const all = this.#all;
    const first = this.#next++;
    let best: Target | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < all.length; turn++) {
      const target = all[(first + turn) % all.length] as Target;
      if (target.client.active >= fewest || !target.health.available(now) || not?.includes(target) === true) continue;
      best = target;
      fewest = target.client.active;
    }
    return best ?? this.#turn(now, not);
  }
}
