import { subtaskState } from "../async/call.ts";
import { CoreValues, recordCodec, type Codec } from "../crossing/index.ts";
import type { GuestMemory } from "../host/memory.ts";
import type { CallPlan } from "../link/crossing-plan.ts";
import { flatRecord } from "../link/flat.ts";
import type { Callee } from "./callee.ts";
import { PartEnd } from "./end.ts";
import type { Part } from "./part.ts";
import type { CoreValue } from "./stacks.ts";
import { PartSubtask } from "./subtask.ts";
import { PartTask, type Caller, type Root } from "./task.ts";

/** More parameters than that lie in memory: plainly, and in an asynchronous lower. */
const [mostFlat, fewFlat] = [16, 4];

/**
 * A function of one component, as another one lowers it.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#canon-lower
 */
export class PartCall {
  readonly #caller: Part;
  readonly #callee: Callee;
  readonly #isAsync: boolean;
  readonly #from: PartEnd;
  readonly #to: PartEnd;
  readonly #params: Codec;
  readonly #result: Codec | undefined;
  readonly #paramsAt: { caller: boolean; callee: boolean };

  constructor(plan: CallPlan, caller: Part, callee: Callee, codecs: readonly Codec[], options: Callee["options"]) {
    this.#caller = caller;
    this.#callee = callee;
    this.#isAsync = plan.async;
    this.#from = new PartEnd(caller, options);
    this.#to = new PartEnd(callee.part, callee.options);
    this.#params = recordCodec(plan.params.map((type) => codecs[type]!));
    this.#result = plan.result === null ? undefined : codecs[plan.result]!;
    const { length } = flatRecord([this.#params.flat]).types;
    this.#paramsAt = { caller: length > (plan.async ? fewFlat : mostFlat), callee: length > mostFlat };
  }

  readonly call = (...args: CoreValue[]): CoreValue | undefined | Promise<CoreValue | undefined> => {
    const [caller, callee] = [this.#caller, this.#callee];
    caller.checkMayLeave(callee.name);
    const { ensemble } = caller;
    const subtask = new PartSubtask(caller);
    const root = ensemble.current?.root ?? nobody;
    const task = new PartTask(callee, this.#callerOf(subtask, args), root);
    subtask.task = task;
    const going = ensemble.begin(task, caller);
    if (going !== undefined) return going.then(() => this.#answer(subtask));
    if (!ensemble.stacks.areMany || !caller.mayPause) return this.#answer(subtask);
    return Promise.resolve().then(() => this.#answer(subtask));
  };

  #answer(subtask: PartSubtask): CoreValue | undefined | Promise<CoreValue | undefined> {
    if (this.#isAsync) return this.#handed(subtask);
    if (subtask.isResolved) return this.#known(subtask);
    const wait = this.#caller.waitAsTask(() => subtask.isResolved);
    return wait === undefined ? this.#known(subtask) : wait.then(() => this.#known(subtask));
  }

  #known(subtask: PartSubtask): CoreValue | undefined {
    subtask.deliver();
    return subtask.result;
  }

  /** What an asynchronous lower answers. */
  #handed(subtask: PartSubtask): number {
    if (subtask.isResolved) {
      subtask.deliver();
      return subtaskState.returned;
    }
    subtask.handle = this.#caller.handles.add(subtask);
    return subtask.state | (subtask.handle << 4);
  }

  #callerOf(subtask: PartSubtask, args: CoreValue[]): Caller {
    return {
      start: () => {
        subtask.started();
        return this.#given(subtask, args);
      },
      returned: (memory, values) => {
        subtask.result = this.#taken(values, args, memory);
        subtask.returned();
      },
      cancelled: () => subtask.cancelled(),
    };
  }

  /** Parameters as the callee takes them. */
  #given(subtask: PartSubtask, args: CoreValue[]): CoreValue[] {
    const [params, from, to] = [this.#params, this.#from, this.#to];
    const { size, align } = params.flat;
    from.begin();
    to.begin();
    from.lender = subtask;
    to.borrower = subtask.task;
    const values = this.#paramsAt.caller
      ? params.load(from, from.memory.from(args[0] as number, size, align))
      : params.lift(from, new CoreValues(args));
    if (this.#paramsAt.callee) {
      const at = to.memory.allocate(size, align);
      params.store(to, values, at);
      return [at];
    }
    const given: CoreValue[] = [];
    params.lower(to, values, given);
    return given;
  }

  /** The result as the caller takes it. @param memory given where `task.return` answers. */
  #taken(values: readonly CoreValue[], args: CoreValue[], memory: GuestMemory | undefined): CoreValue | undefined {
    const [result, from, to] = [this.#result, this.#from, this.#to];
    if (result === undefined) return undefined;
    from.begin();
    to.begin();
    const { size, align, types } = result.flat;
    // `task.return` takes as many values as parameters, a plain function answers one.
    const isIndirect = types.length > (memory === undefined ? 1 : mostFlat);
    const value = isIndirect
      ? result.load(to, to.memory.from(values[0] as number, size, align))
      : result.lift(to, new CoreValues(values));
    if (this.#isAsync || types.length > 1) {
      // The last argument says where it goes.
      result.store(from, value, from.memory.at(args.at(-1) as number, size, align));
      return undefined;
    }
    const into: CoreValue[] = [];
    result.lower(from, value, into);
    return into[0];
  }
}

/** Whom what runs while an instance starts belongs to. */
const nobody: Root = { open: 0, entering() {}, left() {}, returned() {}, paused() {}, ended() {} };
