import type { BandstandError } from "../../foundation/errors/index.ts";
import type { ErrorCode } from "../../foundation/errors/index.ts";
import { nextTurn } from "../../foundation/time/turns.ts";
import type { GuestMemory } from "../host/memory.ts";
import { eventKind, type Event } from "./event.ts";
import type { CurrentTask, Tasks } from "./tasks.ts";
import type { Waiter, WaitableSet } from "./waitable.ts";

/** Whose tasks they are. */
export interface TaskGuest {
  readonly tasks: Tasks;
  readonly handles: { get<T extends WaitableSet>(handle: number, kind: T["kind"]): T };
  readonly failure: BandstandError | undefined;
  readonly meter: { readonly passed: number };
  fail(code: ErrorCode, message: string): BandstandError;
}

/** The functions of a guest that one call consists of. */
export interface Entered {
  start: (...args: number[]) => unknown;
  /** Undefined: it waits on its stack. */
  callback: ((event: number, first: number, second: number) => unknown) | undefined;
  /** Of what is composed of several components, some of them asynchronous. */
  callee?: unknown;
}

/** Who made the call. */
export interface TaskOwner {
  /** The guest's code is about to run for this task, and did. */
  entering(): void;
  left(): void;
  /** It answers, with flat values. */
  returned(memory: GuestMemory, values: readonly (number | bigint)[]): void;
  /** It waits: what it answered so far may be used. */
  paused(): void;
  /** It is over. `thrown` is an object with what it threw, where it did. */
  ended(thrown: { error: unknown } | undefined): void;
}

const [exit, yielding, waiting] = [0, 1, 2];
/** Events that a task gets in a row before others have their turn. */
const mostRounds = 16;

/** One call of an asynchronous export, from its start to its exit. */
export class Task implements Waiter, CurrentTask {
  /** `context.get` and `context.set`. */
  readonly context: [number, number] = [0, 0];
  /** running: until it returned a value. cancelling: it was told so. */
  state: CurrentTask["state"] = "running";
  readonly #guest: TaskGuest;
  readonly #owner: TaskOwner;
  #callback: Entered["callback"];
  #waitsFor: WaitableSet | "turn" | undefined;
  #over = false;
  #rounds = 0;
  /** Running time when it was entered last. */
  #passed = 0;

  constructor(guest: TaskGuest, owner: TaskOwner) {
    this.#guest = guest;
    this.#owner = owner;
  }

  /** Its stack is not empty: it runs, or waits there. */
  get isOnStack(): boolean {
    return this.#guest.tasks.current === this;
  }

  start({ start, callback }: Entered, ...args: number[]): void {
    this.#callback = callback;
    this.#enter(() => start(...args));
  }

  /** Something that it waits for happened. */
  wake(): void {
    if (!this.#over) this.#guest.tasks.schedule(this);
  }

  /** Takes the next event, where it still waits for one. */
  resume(): void {
    const waitsFor = this.#waitsFor;
    if (this.#over || waitsFor === undefined) return;
    this.#rounds = 0;
    const event = this.#event(waitsFor);
    if (event === undefined) return;
    if (waitsFor !== "turn") waitsFor.leave(this);
    this.#waitsFor = undefined;
    this.#deliver(event);
  }

  /** Asks it to end early; it is told when it waits next, and may take its time. */
  cancel(): void {
    if (this.state !== "running") return;
    this.state = "cancel-wanted";
    this.wake();
  }

  /** `task.return`, which only ends what the caller waits for. */
  return(memory: GuestMemory, values: readonly (number | bigint)[]): void {
    this.#owner.returned(memory, values);
    this.state = "returned";
  }

  /** The guest was told that it is cancelled. */
  takeCancellation(): boolean {
    if (this.state !== "cancel-wanted") return false;
    this.state = "cancelling";
    return true;
  }

  /** Nothing of it goes on, without the guest. */
  abandon(): void {
    this.#over = true;
    if (typeof this.#waitsFor === "object") this.#waitsFor.leave(this);
    this.#waitsFor = undefined;
  }

  #event(waitsFor: WaitableSet | "turn"): Event | undefined {
    if (this.takeCancellation()) return [eventKind.taskCancelled, 0, 0];
    return waitsFor === "turn" ? [eventKind.none, 0, 0] : waitsFor.take();
  }

  #deliver([kind, first, second]: Event): void {
    this.#enter(() => this.#callback!(kind, first, second));
  }

  #enter(call: () => unknown): void {
    const { tasks } = this.#guest;
    tasks.current = this;
    this.#owner.entering();
    this.#passed = this.#guest.meter.passed;
    let answer: unknown;
    try {
      answer = call();
    } catch (error) {
      return this.#end({ error });
    }
    if (!(answer instanceof Promise)) return this.#next(answer as number);
    answer.then(
      (packed: number) => this.#over || this.#next(packed),
      (error: unknown) => this.#end({ error }),
    );
  }

  /** What the guest wants to happen next. */
  #next(packed: number | undefined): void {
    this.#owner.left();
    const { failure, meter, tasks } = this.#guest;
    tasks.row.ran(meter.passed - this.#passed);
    tasks.left();
    if (failure !== undefined) return this.#end({ error: failure });
    const what = packed === undefined || this.#callback === undefined ? exit : packed & 15;
    if (what === exit) return this.#exit();
    try {
      if (what === yielding) return this.#waitFor("turn");
      if (what === waiting) return this.#waitFor(this.#guest.handles.get<WaitableSet>(packed! >>> 4, "waitable-set"));
      throw this.#guest.fail("component-trapped", `answered ${what} to an event, which means nothing`);
    } catch (error) {
      return this.#end({ error });
    }
  }

  #waitFor(waitsFor: WaitableSet | "turn"): void {
    const isNext = waitsFor !== "turn" && this.#rounds < mostRounds && !this.#guest.tasks.row.isOver;
    const event = isNext ? this.#event(waitsFor) : undefined;
    if (event !== undefined) {
      this.#rounds++;
      return this.#deliver(event);
    }
    this.#waitsFor = waitsFor;
    if (waitsFor !== "turn") waitsFor.wait(this);
    if (!isNext) nextTurn(() => this.wake());
    this.#owner.paused();
  }

  #exit(): void {
    if (this.state !== "returned" && this.state !== "cancelled") {
      return this.#end({ error: this.#guest.fail("component-no-answer", "ended without an answer") });
    }
    this.#end(undefined);
  }

  #end(thrown: { error: unknown } | undefined): void {
    if (this.#over) return;
    const { tasks } = this.#guest;
    if (tasks.current === this) {
      this.#owner.left();
      tasks.left();
    }
    this.abandon();
    this.#owner.ended(thrown);
  }
}
