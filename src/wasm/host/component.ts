import type { ComponentPlan } from "../../model/plan/index.ts";
import type { ComponentHost } from "../runtime.ts";
import { GuestLog } from "./cli/log.ts";
import { Debt } from "./debt.ts";
import { FailureLog } from "./failures.ts";

/** What all instances of one component on one thread share. */
export class ComponentScope {
  readonly plan: ComponentPlan;
  readonly host: ComponentHost;
  readonly log: GuestLog;
  readonly failures: FailureLog;
  /** Bytes that its instances took for objects of the engine's heap. */
  heapTaken = 0;
  /** Its instances take so long to start that others get their turn meanwhile. */
  startsSlowly = false;
  /** They wait for something meanwhile, or call what may. */
  startsWaiting = false;
  /** What it owes to others on the thread. */
  readonly debt = new Debt();
  /** Configuration in the order of its names. */
  readonly config: readonly (readonly [name: string, value: string])[];

  constructor(plan: ComponentPlan, host: ComponentHost) {
    this.plan = plan;
    this.host = host;
    this.log = new GuestLog(host.logger, plan.limits.log);
    this.failures = new FailureLog(host.logger);
    this.config = [...host.config].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** One value of the configuration. */
  valueOf(name: string): string | undefined {
    return this.host.config.get(name);
  }
}
