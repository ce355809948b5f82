import type { Lowering } from "../host/contract.ts";
import type { CallPlan, CrossingEnds } from "../link/crossing-plan.ts";
import { flatRecord } from "../link/flat.ts";
import { CoreValues, type Codec } from "./codec.ts";
import { recordCodec } from "./compounds.ts";
import type { CoreValue, CrossingGuest, StringEncoding } from "./end.ts";
import { End } from "./end.ts";
import { asTrap } from "./failure.ts";
import type { Instances } from "./instances.ts";
import type { Types } from "./types.ts";

/** More parameters than that lie in memory. */
const mostFlat = 16;

type Options = Lowering & { encoding: StringEncoding };

/** A call from one component to another: lifts from the caller's memory, lowers into the callee's, and back. */
export class Call {
  readonly #guest: CrossingGuest;
  readonly #instances: Instances;
  readonly #plan: CallPlan;
  readonly #ends: CrossingEnds;
  readonly #params: Codec;
  readonly #result: Codec | undefined;
  readonly #caller: End;
  readonly #callee: End;
  readonly #paramsInMemory: boolean;
  readonly #resultInMemory: boolean;
  #promising: { of: CrossingEnds["call"]; call: (...args: CoreValue[]) => Promise<unknown> } | undefined;

  constructor(
    guest: CrossingGuest,
    instances: Instances,
    types: Types,
    plan: CallPlan,
    ends: CrossingEnds,
    options: { lower: Options; lift: Options },
  ) {
    this.#guest = guest;
    this.#instances = instances;
    this.#plan = plan;
    this.#ends = ends;
    this.#params = recordCodec(plan.params.map((type) => types.codecs[type]!));
    this.#result = plan.result === null ? undefined : types.codecs[plan.result]!;
    this.#caller = new End(guest, options.lower, options.lower.encoding, plan.caller);
    this.#callee = new End(guest, options.lift, options.lift.encoding, plan.callee);
    this.#paramsInMemory = flatRecord([this.#params.flat]).types.length > mostFlat;
    this.#resultInMemory = (this.#result?.flat.types.length ?? 0) > 1;
  }

  /** Of a guest that cannot wait: what the callee waits for makes it begin again. */
  readonly now = (...args: CoreValue[]): CoreValue | undefined => {
    const both = this.#enter();
    const answer = this.#run(() => this.#ends.call!(...this.#given(args)));
    const result = this.#run(() => this.#taken(answer, args));
    this.#leave(both);
    return result;
  };

  /** Of a guest that may wait: the callee runs on a stack of its own, on which it waits. */
  readonly later = async (...args: CoreValue[]): Promise<CoreValue | undefined> => {
    const both = this.#enter();
    const given = this.#run(() => this.#given(args));
    let answer: unknown;
    try {
      answer = await this.#waiting()(...given);
    } catch (error) {
      throw this.#thrown(error);
    }
    const result = this.#run(() => this.#taken(answer, args));
    this.#leave(both);
    return result;
  };

  #enter(): boolean {
    const { caller, callee, name } = this.#plan;
    const both = this.#instances.enter(caller, callee, name);
    this.#caller.begin();
    this.#callee.begin();
    return both;
  }

  #leave(both: boolean): void {
    const { caller, callee } = this.#plan;
    this.#instances.leave(caller, callee, both);
  }

  #waiting(): (...args: CoreValue[]) => Promise<unknown> {
    const { call } = this.#ends;
    if (this.#promising?.of !== call) {
      this.#promising = { of: call, call: WebAssembly.promising(call as never) as never };
    }
    return this.#promising!.call;
  }

  #run<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw this.#thrown(error);
    }
  }

  #thrown(error: unknown): unknown {
    return asTrap(this.#guest, error, this.#plan.name);
  }

  /** Parameters as the callee takes them. */
  #given(args: CoreValue[]): CoreValue[] {
    const params = this.#params;
    const [caller, callee] = [this.#caller, this.#callee];
    const { size, align } = params.flat;
    if (!this.#paramsInMemory) {
      const given: CoreValue[] = [];
      params.lower(callee, params.lift(caller, new CoreValues(args)), given);
      return given;
    }
    const values = params.load(caller, caller.memory.from(args[0] as number, size, align));
    const at = callee.memory.allocate(size, align);
    params.store(callee, values, at);
    return [at];
  }

  /** The result as the caller takes it. */
  #taken(answer: unknown, args: CoreValue[]): CoreValue | undefined {
    const [caller, callee] = [this.#caller, this.#callee];
    const result = this.#result;
    let taken: CoreValue | undefined;
    if (result !== undefined && this.#resultInMemory) {
      const { size, align } = result.flat;
      const value = result.load(callee, callee.memory.from(answer as number, size, align));
      // The last argument says where it goes.
      result.store(caller, value, caller.memory.at(args.at(-1) as number, size, align));
    } else if (result !== undefined) {
      const into: CoreValue[] = [];
      result.lower(caller, result.lift(callee, new CoreValues([answer as CoreValue])), into);
      taken = into[0];
    }
    if (callee.handles.owes) throw callee.trap(`${this.#plan.name} kept what was only lent to it`);
    this.#after(answer);
    return taken;
  }

  /** What the result took in the callee's memory may be given back there. */
  #after(answer: unknown): void {
    const { postReturn } = this.#ends;
    if (postReturn === undefined) return;
    this.#guest.nested++;
    try {
      postReturn(answer);
    } finally {
      this.#guest.nested--;
      this.#guest.surfaced();
    }
  }
}
