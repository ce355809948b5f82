/**
 * Calls between the components that one component is composed of, and the resources that they define. The linker plans
 * them (`link/crossing-plan.ts`); this makes the functions that core modules import for them.
 */
import type { Lowering } from "../host/contract.ts";
import type { CompositionPlan, CrossingEnds, CrossingPlan } from "../link/crossing-plan.ts";
import type { HostImport } from "../link/instance.ts";
import type { StringEncoding } from "../link/manifest.ts";
import { Call } from "./call.ts";
import { either } from "./either.ts";
import type { CrossingGuest } from "./end.ts";
import { Instances } from "./instances.ts";
import { ResourceUse } from "./resource.ts";
import { Types, type KindOf } from "./types.ts";

export { CoreValues, type Codec } from "./codec.ts";
export { recordCodec } from "./compounds.ts";
export { either } from "./either.ts";
export { End } from "./end.ts";
export type { CrossingGuest } from "./end.ts";
export { asTrap } from "./failure.ts";
export { DefinedResource } from "./handles.ts";
export { Types } from "./types.ts";
export type { AsyncCodecs, KindOf } from "./types.ts";

/** The crossings of one place: one instance of the whole composition at a time. */
export class Crossings {
  readonly #guest: CrossingGuest;
  readonly #plan: CompositionPlan;
  readonly #types: Types;
  readonly #instances: Instances;
  readonly #mayWait: boolean;

  /** @param mayWait the guest is entered through `promising`, by its host or while it starts. */
  constructor(guest: CrossingGuest, plan: CompositionPlan, kindOf: KindOf, mayWait: boolean) {
    this.#guest = guest;
    this.#plan = plan;
    this.#types = new Types(plan, kindOf);
    this.#instances = new Instances(guest);
    this.#mayWait = mayWait;
  }

  /** The function for one of them. `ends` is filled in before it is called. */
  bind(
    plan: CrossingPlan,
    ends: CrossingEnds,
    lowerings: readonly (Lowering & { encoding: StringEncoding })[],
  ): HostImport {
    if (plan.kind === "call") {
      const options = { lower: lowerings[plan.lower]!, lift: lowerings[plan.lift]! };
      const { now, later } = new Call(this.#guest, this.#instances, this.#types, plan, ends, options);
      return this.#either(plan, now, later);
    }
    const resource = this.#plan.resources[plan.resource]!;
    if (resource.kind !== "defined") throw new TypeError("expected a resource that a component defines");
    const kind = this.#types.kinds[plan.resource]!;
    const use = new ResourceUse(this.#guest, this.#instances, plan, resource, kind, ends);
    if (plan.kind === "new") return use.make;
    if (plan.kind === "rep") return use.representation;
    return resource.destructor === null ? use.drop : this.#either(plan, use.drop, use.dropLater);
  }

  /** A function of the host, as one of the components calls it: with its handles. */
  ofHost(bound: (...args: never[]) => unknown, owner: number): (...args: never[]) => unknown {
    const { handles } = this.#guest;
    return (...args) => {
      handles.use(owner);
      return bound(...args);
    };
  }

  /** Nothing of what was under way goes on. */
  reset(): void {
    this.#instances.reset();
  }

  #either(
    { signature }: CrossingPlan,
    now: (...args: never[]) => unknown,
    later: (...args: never[]) => unknown,
  ): HostImport {
    if (!this.#mayWait) return now;
    return either(signature, () => (this.#guest.mayPause ? 1 : 0), now, later);
  }
}
