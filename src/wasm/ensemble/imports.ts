import { builtInWaits, type TaskOwner } from "../async/index.ts";
import { either, Types, type KindOf } from "../crossing/index.ts";
import type { BuiltInUse, CoreType, Lowering } from "../host/contract.ts";
import type { Guest } from "../host/guest.ts";
import type { GuestMemory } from "../host/memory.ts";
import type { CompositionPlan, CrossingEnds, CrossingPlan, LiftPlan } from "../link/crossing-plan.ts";
import { coreSignature } from "../link/flat.ts";
import type { CrossingLowering, GuestFunction, HostImport } from "../link/instance.ts";
import { partBuiltIn } from "./built-ins.ts";
import { PartCall } from "./call.ts";
import type { Callee } from "./callee.ts";
import { PartEnd } from "./end.ts";
import { Ensemble } from "./ensemble.ts";
import { asyncCodecs, PartElements } from "./flows.ts";
import type { Part } from "./part.ts";
import { HostTask } from "./host-task.ts";
import { PartMemory } from "./memory.ts";
import { PartResource } from "./resource.ts";

interface Signature {
  params: CoreType[];
  results: CoreType[];
}

type Function = (...args: never[]) => unknown;

const destructorPlan: LiftPlan = { mayBlock: false, manner: "plain", params: [], result: null };

/** What the core modules of several components import, where some of these are asynchronous. */
export class EnsembleImports {
  readonly ensemble: Ensemble;
  readonly #plan: CompositionPlan;
  readonly #types: Types;
  readonly #mayWait: boolean;

  /** @param mayWait the guest is entered so that it may wait on its stacks, by its host or while it starts. */
  constructor(guest: Guest, plan: CompositionPlan, kindOf: KindOf, mayWait: boolean) {
    this.#plan = plan;
    this.#types = new Types(plan, kindOf, asyncCodecs);
    this.#mayWait = mayWait;
    this.ensemble = new Ensemble(guest, plan.parents!, plan.parts!);
  }

  part(owner: number | undefined): Part {
    return this.ensemble.parts[owner ?? 0]!;
  }

  memory(part: Part, lowering: Lowering): GuestMemory {
    return new PartMemory(part, lowering);
  }

  /** As `InstanceImports.cross`. */
  cross(plan: CrossingPlan, ends: CrossingEnds, lowerings: readonly CrossingLowering[]): HostImport {
    const caller = this.part(plan.caller);
    if (plan.kind === "call") {
      const options = lowerings[plan.lift]!;
      const callee = this.#callee(this.part(plan.callee), plan.name, plan, ends, options);
      const { call } = new PartCall(plan, caller, callee, this.#types.codecs, lowerings[plan.lower]!);
      return this.#maybeWaiting(plan.signature, call, caller, true);
    }
    const resource = this.#plan.resources[plan.resource]!;
    if (resource.kind !== "defined") throw new TypeError("expected a resource that a component defines");
    const kind = this.#types.kinds[plan.resource]!;
    const options: CrossingLowering = { memory: undefined, realloc: undefined, encoding: "utf8" };
    const destructor: Callee = {
      part: this.part(resource.owner) ?? caller,
      name: `the destructor of ${kind}`,
      plan: destructorPlan,
      signature: { params: ["i32"], results: [] },
      ends,
      options,
    };
    const use = new PartResource(caller, kind, destructor).use(plan.kind);
    return this.#maybeWaiting(plan.signature, use, caller, plan.kind === "drop" && resource.destructor !== null);
  }

  /** A function of the host, as one of the components calls it. */
  host(bound: Function, name: string, signature: Signature, part: Part, waits: boolean): HostImport {
    const checked: Function = (...args) => {
      part.checkMayLeave(name);
      return bound(...args);
    };
    return this.#maybeWaiting(signature, checked, part, waits);
  }

  builtIn(use: BuiltInUse, part: Part, memory: GuestMemory, lowering: CrossingLowering): HostImport {
    const isFlow = /^(stream|future)\./.test(use.name);
    const typed = isFlow ? { ...use, element: { ...use.element, type: use.type ?? null } } : use;
    const needsLifting = isFlow && !use.element.plain && typeof use.type === "number";
    const elements = needsLifting
      ? new PartElements(new PartEnd(part, lowering), this.#types.codecs[use.type!]!)
      : undefined;
    const made = partBuiltIn(typed, { part, memory, lowering, elements });
    // Who is cancelled may have to go on for it on a stack of its own.
    return this.#maybeWaiting(use, made, part, builtInWaits(use) || use.name === "subtask.cancel");
  }

  /** An exported function, to be called by a `HostTask`. */
  callee({ plan, call, postReturn, callback, lowering }: GuestFunction): Callee {
    const ends = { call, postReturn, callback } as CrossingEnds;
    return this.#callee(this.part(plan.owner), plan.name, plan.lift!, ends, {
      ...lowering,
      encoding: plan.encoding ?? "utf8",
    });
  }

  /** An exported function that is called plainly; it answers a promise where it waits. */
  plainly(found: GuestFunction): (...args: (number | bigint)[]) => unknown {
    const callee = this.callee({ ...found, postReturn: undefined });
    return (...args) => {
      const end = new PlainEnd();
      new HostTask(end).start({ start: found.call, callback: undefined, callee }, ...args);
      return end.answer();
    };
  }

  #callee(part: Part, name: string, plan: LiftPlan, ends: CrossingEnds, options: CrossingLowering): Callee {
    const { codecs } = this.#types;
    const result = plan.result === null ? undefined : codecs[plan.result]!.flat;
    const signature = coreSignature(
      plan.params.map((type) => codecs[type]!.flat),
      result,
      "lift",
      plan.manner,
    );
    return { part, name, plan, ends, options, signature };
  }

  #maybeWaiting(signature: Signature, made: Function, part: Part, waits: boolean): HostImport {
    return waits && this.#mayWait ? either(signature, () => (part.mayPause ? 1 : 0), made, made) : made;
  }
}

/** What a call came to that answers by returning. */
class PlainEnd implements TaskOwner {
  #value: number | bigint | undefined;
  #end: { thrown: { error: unknown } | undefined } | undefined;
  #resolve: ((value: unknown) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  entering(): void {}
  left(): void {}
  paused(): void {}

  returned(_: unknown, values: readonly (number | bigint)[]): void {
    this.#value = values[0];
  }

  ended(thrown: { error: unknown } | undefined): void {
    this.#end = { thrown };
    if (thrown === undefined) this.#resolve?.(this.#value);
    else this.#reject?.(thrown.error);
  }

  answer(): unknown {
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
    }
    if (this.#end.thrown !== undefined) throw this.#end.thrown.error;
    return this.#value;
  }
}
