import { placeBytes, stackCode } from "./stack-code.ts";

/** Who had a call made. */
export interface Caller {
  returned(): void;
  threw(error: unknown): void;
}

/** A function of a guest that takes two numbers and may wait. */
export type Call = (one: number, other: number) => unknown;

/** One stack, on which one call is made after the other. */
interface Stack {
  readonly number: number;
  /** Whose call runs on it, or waits. */
  caller: Caller | undefined;
  /** It waits for a next call: goes on with one (1) or ends (0). */
  goOn: ((more: number) => void) | undefined;
}

interface Loaded {
  run(stack: number): Promise<unknown>;
  calls: WebAssembly.Table;
  memory: WebAssembly.Memory;
}

/** Stacks without a call that are kept, at most: 1 MiB of addresses each, and as much memory as calls on it once used of that. */
const mostIdle = 64;
/** Milliseconds between two looks for stacks that were not needed meanwhile. */
const trimInterval = 10_000;

/**
 * The stacks of this thread on which guests wait. V8 makes one for each call of a `promising` function and keeps four or so of
 * those that ended; to map and unmap the others takes longer than all else of a call that waits. So a stack is entered
 * once and stays for one call after the other, of whichever guest.
 */
export class Stacks {
  readonly #idle: Stack[] = [];
  /** How many were idle all the time since the last look. */
  #spare = 0;
  readonly #stacks: (Stack | undefined)[] = [];
  readonly #freeStacks: number[] = [];
  #slots = 0;
  readonly #freeSlots: number[] = [];
  #isWatched = false;
  #places = new Int32Array(0);
  #code: Loaded | undefined;

  /** Makes a function known that is called more than once. Undefined: its type is another one, though it takes the same. */
  know(call: Call): number | undefined {
    const { calls } = this.#loaded;
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    if (slot >= calls.length) calls.grow(Math.max(calls.length, 64));
    try {
      calls.set(slot, call);
    } catch {
      this.#freeSlots.push(slot);
      return undefined;
    }
    return slot;
  }

  /** It is not called any more. */
  forget(slot: number): void {
    this.#loaded.calls.set(slot, null);
    this.#freeSlots.push(slot);
  }

  /** Stacks that wait for a call now. */
  get idle(): number {
    return this.#idle.length;
  }

  /**
   * Makes a call, at once or with the next microtask. `caller` is told of its end in the stack in which it ends, and must
   * not throw.
   */
  run(slot: number, one: number, other: number, caller: Caller): void {
    const stack = this.#idle.pop();
    if (stack === undefined) return this.#begin(slot, one, other, caller);
    if (this.#idle.length < this.#spare) this.#spare = this.#idle.length;
    this.#place(stack.number, slot, one, other);
    stack.caller = caller;
    const { goOn } = stack;
    stack.goOn = undefined;
    goOn?.(1);
  }

  #begin(slot: number, one: number, other: number, caller: Caller): void {
    const number = this.#freeStacks.pop() ?? this.#stacks.length;
    const stack: Stack = { number, caller, goOn: undefined };
    this.#stacks[number] = stack;
    this.#place(number, slot, one, other);
    const over = (): void => {
      this.#stacks[number] = undefined;
      this.#freeStacks.push(number);
    };
    this.#loaded.run(number).then(over, (error: unknown) => {
      over();
      if (stack.caller === undefined) throw error;
      stack.caller.threw(error);
    });
  }

  /** A call returned. Answers whether there is a next one, or later. */
  #next(number: number): number | Promise<number> {
    const stack = this.#stacks[number]!;
    const caller = stack.caller!;
    stack.caller = undefined;
    const isKept = this.#idle.length < mostIdle;
    if (isKept) {
      this.#idle.push(stack);
      if (!this.#isWatched) this.#watch();
    }
    caller.returned();
    // What the caller began may have taken it already.
    if (!isKept || stack.caller !== undefined) return isKept ? 1 : 0;
    return new Promise((resolve) => (stack.goOn = resolve));
  }

  #watch(): void {
    this.#isWatched = true;
    setTimeout(() => this.#trim(), trimInterval).unref();
  }

  /** Ends what was not needed since the last look. */
  #trim(): void {
    for (const stack of this.#idle.splice(0, this.#spare)) stack.goOn?.(0);
    this.#spare = this.#idle.length;
    this.#isWatched = this.#idle.length > 0;
    if (this.#isWatched) this.#watch();
  }

  #place(number: number, slot: number, one: number, other: number): void {
    const at = number * (placeBytes / 4);
    if (at + 2 >= this.#places.length) {
      const { memory } = this.#loaded;
      if ((number + 1) * placeBytes > memory.buffer.byteLength) memory.grow(1);
      this.#places = new Int32Array(memory.buffer);
    }
    this.#places[at] = slot;
    this.#places[at + 1] = one;
    this.#places[at + 2] = other;
  }

  get #loaded(): Loaded {
    if (this.#code !== undefined) return this.#code;
    const module = new WebAssembly.Module(stackCode() as never);
    const next = new WebAssembly.Suspending(((stack: number) => this.#next(stack)) as never);
    const { exports } = new WebAssembly.Instance(module, { "": { next } });
    const { run, calls, memory } = exports as unknown as Loaded;
    return (this.#code = { run: WebAssembly.promising(run as never) as Loaded["run"], calls, memory });
  }
}

/** Of this thread. */
export const stacks = new Stacks();

/** A function that may be called by `stacks`, again and again. */
export class KeptCall {
  readonly #call: Call;
  #slot: number | undefined;
  #isOther = false;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Its place among their calls, from the first time on that somebody asks. Undefined: its type is another one. */
  get slot(): number | undefined {
    if (this.#slot !== undefined || this.#isOther) return this.#slot;
    this.#slot = stacks.know(this.#call);
    this.#isOther = this.#slot === undefined;
    return this.#slot;
  }

  /** It is not called any more. */
  forget(): void {
    if (this.#slot !== undefined) stacks.forget(this.#slot);
    this.#slot = undefined;
    this.#isOther = true;
  }
}
