import { nextTurn } from "../../foundation/time/turns.ts";
import { asTrap } from "../crossing/index.ts";
import { eventKind, type Event } from "../async/event.ts";
import type { Era } from "../async/tasks.ts";
import type { CurrentTask, TaskOwner, WaitableSet, Waiter } from "../async/index.ts";
import { hostLimits } from "../host/limits.ts";
import type { GuestMemory } from "../host/memory.ts";
import { callbackSignature, type Signature } from "../link/flat.ts";
import type { Callee } from "./callee.ts";
import type { Borrower } from "./handles.ts";
import type { Part } from "./part.ts";
import type { Core, CoreValue } from "./stacks.ts";

/** What a task did is done at once, or a promise tells when. */
export type Done = void | Promise<void>;

/** Who made a call. */
export interface Caller {
  /** The parameters, as the callee takes them: it starts. */
  start(): CoreValue[];
  /** It answers, by `task.return` (flat values) or plainly. */
  returned(memory: GuestMemory | undefined, values: readonly CoreValue[]): void;
  /** It was asked to end, and did without an answer. */
  cancelled(): void;
}

/** The call of the host that tasks are part of: it is over once all of them are. */
export interface Root extends TaskOwner {
  /** Tasks that are not over. */
  open: number;
}

/** What a task waits for. */
interface Wait {
  ready(): boolean;
  /** Goes on: only right after `ready`. */
  go(): Done | typeof resumed;
}

const resumed = Symbol("a stack that waited goes on");
const [exit, yielding, waiting] = [0, 1, 2];
/** Events that a task gets in a row before others have their turn. */
const mostRounds = 16;

/**
 * One call of a function that a component lifts, from its start to its end.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#canon-lift
 */
export class PartTask implements CurrentTask, Waiter, Borrower {
  readonly context: [number, number] = [0, 0];
  readonly part: Part;
  readonly callee: Callee;
  /** The call of the host that it is part of. */
  readonly root: Root;
  state: CurrentTask["state"] = "running";
  borrows = 0;
  #isStarted = false;
  readonly #caller: Caller;
  readonly #era: Era;
  #wait: Wait | undefined;
  /** Told when what runs of it waits or is over, where that was not at once. */
  #turn: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  /** Of the stack on which it waits: ends the wait with an error, and the end of all that runs there. */
  #endWait: ((error: unknown) => void) | undefined;
  #stack: Promise<unknown> | undefined;
  #hasWaited = false;
  #rounds = 0;

  constructor(callee: Callee, caller: Caller, root: Root) {
    this.callee = callee;
    this.part = callee.part;
    this.#caller = caller;
    this.#era = callee.part.tasks.era;
    this.root = root;
    this.part.begins();
    root.open++;
  }

  get name(): string {
    return this.callee.name;
  }

  get mayBlock(): boolean {
    return this.callee.plan.mayBlock;
  }

  get #needsExclusive(): boolean {
    const { mayBlock, manner } = this.callee.plan;
    return mayBlock && manner !== "async";
  }

  get #isKeptOut(): boolean {
    return this.part.tasks.backpressure > 0 || (this.#needsExclusive && this.part.exclusive !== undefined);
  }

  /** Something may let it go on. */
  wake(): void {
    this.part.ensemble.poke();
  }

  get isReady(): boolean {
    return this.#wait !== undefined && this.#wait.ready();
  }

  /** Starts, where it is let in. */
  begin(): Done {
    const { part } = this;
    if (!this.mayBlock || (!this.#isKeptOut && part.entering === 0)) return this.#start();
    part.entering++;
    const go = (): Done => {
      part.entering--;
      return this.state === "cancelling" ? this.cancel() : this.#start();
    };
    this.#waitFor({ ready: () => this.state === "cancelling" || !this.#isKeptOut, go });
    return undefined;
  }

  /** Runs `body` until it waits or is over. */
  turn(body: () => Done | typeof resumed): Done {
    this.#hasWaited = false;
    const rest = body();
    if (rest === undefined) return undefined;
    if (rest !== resumed) {
      rest.then(
        () => this.#turnOver(),
        (error: unknown) => this.#turnOver({ error }),
      );
      if (this.#hasWaited) return undefined;
    }
    return new Promise((resolve, reject) => (this.#turn = { resolve, reject }));
  }

  /** Goes on, where `isReady`. */
  resume(): Done | typeof resumed {
    const wait = this.#wait!;
    this.#wait = undefined;
    this.#rounds = 0;
    return wait.go();
  }

  /** Waits on its stack; others run meanwhile. */
  block(ready: () => boolean): Promise<void> {
    const going = new Promise<void>((resolve, reject) => {
      const go = (): typeof resumed => {
        this.#endWait = undefined;
        resolve();
        return resumed;
      };
      this.#endWait = reject;
      this.#waitFor({ ready, go });
    });
    this.#turnOver();
    return going;
  }

  /**
   * Ends it where it waits on its stack; undefined: it does not. The engine keeps stacks that wait for ever, whoever forgot them: what
   * is to be gone has to come to its end. The guest was ended, so that nothing of its code goes on for long.
   */
  unwind(error: unknown): Promise<unknown> | undefined {
    if (this.#endWait === undefined) return undefined;
    this.#endWait(error);
    this.#endWait = undefined;
    return this.#stack;
  }

  /** Asks it to end early: at once where it waits for something that may be cancelled. */
  requestCancellation(caller: Part | undefined): Done {
    if (!this.#isStarted) this.state = "cancelling";
    else if (this.state === "running") this.state = "cancel-wanted";
    const { ensemble } = this.part;
    if (this.#wait === undefined || !ensemble.mayEnter(this.part, caller) || !this.#wait.ready()) return undefined;
    return ensemble.resume(this, caller);
  }

  takeCancellation(): boolean {
    if (this.state !== "cancel-wanted") return false;
    this.state = "cancelling";
    return true;
  }

  /** `task.return`. */
  return(memory: GuestMemory | undefined, values: readonly CoreValue[]): void {
    this.#checkUnanswered();
    this.#caller.returned(memory, values);
    this.state = "returned";
  }

  /** `task.cancel`, and the end of what never started. */
  cancel(): void {
    const { part, state } = this;
    if (state !== "cancelling") {
      throw part.fail("component-trapped", "cancelled a call that was not asked to end");
    }
    this.#checkUnanswered();
    this.#caller.cancelled();
    this.state = "cancelled";
    if (!this.#isStarted) this.#finished();
  }

  #checkUnanswered(): void {
    const { part, name } = this;
    if (this.state === "returned" || this.state === "cancelled") {
      throw part.fail("component-trapped", "returned twice from one call");
    }
    if (this.borrows > 0) throw part.fail("component-trapped", `${name} kept what was only lent to it`);
  }

  #waitFor(wait: Wait): void {
    this.#wait = wait;
    this.part.ensemble.list(this);
  }

  #turnOver(failed?: { error: unknown }): void {
    const turn = this.#turn;
    this.#turn = undefined;
    if (turn === undefined) {
      this.#hasWaited = true;
      if (failed !== undefined && !this.#era.isOver) this.part.ensemble.crash(failed.error);
    } else if (failed === undefined) turn.resolve();
    else turn.reject(failed.error);
  }

  #start(): Done {
    const { part } = this;
    const { plan, ends, signature } = this.callee;
    this.#isStarted = true;
    if (this.#needsExclusive) part.exclusive = this;
    const args = this.#caller.start();
    const next = plan.manner === "plain" ? this.#answered : plan.manner === "callback" ? this.#next : this.#exit;
    return this.#run(ends.call!, signature, args, next);
  }

  #run(core: Core, signature: Signature, args: CoreValue[], then: (this: PartTask, answer: unknown) => Done): Done {
    const { part } = this;
    if (!part.mayPause)
      return then.call(
        this,
        this.#caught(() => core(...args)),
      );
    const run = this.#caught(() => part.ensemble.stacks.run(core, signature, args));
    if (run.isDone) return then.call(this, run.answer);
    this.#stack = run.end;
    if (part.ensemble.stacks.areTooMany) {
      run.end.catch(() => {});
      throw part.fail("component-resources", `more than ${hostLimits.stacks} calls wait on stacks of their own`);
    }
    return run.end.then(
      (answer) => then.call(this, answer),
      (error: unknown) => {
        throw asTrap(part, error, this.name);
      },
    );
  }

  #caught<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw asTrap(this.part, error, this.name);
    }
  }

  /** A plain function came back. */
  #answered(answer: unknown): void {
    const { part } = this;
    const { postReturn } = this.callee.ends;
    this.return(undefined, answer === undefined ? [] : [answer as CoreValue]);
    if (postReturn !== undefined) {
      part.nested++;
      try {
        this.#caught(() => postReturn(answer));
      } finally {
        part.nested--;
        part.surfaced();
      }
    }
    this.#exit();
  }

  /** What a function with a callback wants to happen next. */
  #next(packed: unknown): Done {
    const { part } = this;
    if (part.failure !== undefined) throw part.failure;
    const [what, handle] = [(packed as number) & 15, (packed as number) >>> 4];
    if (what === exit) return this.#exit();
    part.exclusive = undefined;
    if (what === yielding) return this.#waitForTurn();
    if (what === waiting) return this.#waitForEvent(part.handles.get<WaitableSet>(handle, "waitable-set"));
    throw part.fail("component-trapped", `answered ${what} to an event, which means nothing`);
  }

  #waitForTurn(): Done {
    if (this.takeCancellation()) return this.#deliver([eventKind.taskCancelled, 0, 0]);
    let hadTurn = false;
    nextTurn(() => {
      hadTurn = true;
      this.wake();
    });
    let event: Event = [eventKind.none, 0, 0];
    const ready = (): boolean => {
      if (this.part.exclusive !== undefined) return false;
      if (!this.takeCancellation()) return hadTurn;
      event = [eventKind.taskCancelled, 0, 0];
      return true;
    };
    this.#waitFor({ ready, go: () => this.#deliver(event) });
    return undefined;
  }

  #waitForEvent(set: WaitableSet): Done {
    let event: Event | undefined;
    const ready = (): boolean => {
      if (this.part.exclusive !== undefined) return false;
      event = this.takeCancellation() ? [eventKind.taskCancelled, 0, 0] : set.take();
      return event !== undefined;
    };
    const isNext = this.#rounds++ < mostRounds && !this.part.ensemble.isTurnOver;
    if (isNext && this.part.entering === 0 && ready()) return this.#deliver(event!);
    set.wait(this);
    const go = (): Done => {
      set.leave(this);
      return this.#deliver(event!);
    };
    this.#waitFor({ ready, go });
    return undefined;
  }

  #deliver(event: Event): Done {
    this.part.exclusive = this;
    const callback = this.callee.ends.callback as Core | undefined;
    return this.#run(callback!, callbackSignature, [...event], this.#next);
  }

  #exit(): void {
    const { part } = this;
    if (part.failure !== undefined) throw part.failure;
    if (this.state !== "returned" && this.state !== "cancelled") {
      throw part.fail("component-no-answer", `${this.name} ended without an answer`);
    }
    if (part.exclusive === this) part.exclusive = undefined;
    this.#finished();
  }

  #finished(): void {
    this.part.underWay--;
    this.root.open--;
  }
}
