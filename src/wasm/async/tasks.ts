import { nextTurn } from "../../foundation/time/turns.ts";
import type { GuestMemory } from "../host/memory.ts";
import { Row } from "./row.ts";
import type { Task } from "./task.ts";

/** What an instance is told when something happened that a call on its stack may wait for. */
export interface Notified {
  notify(): void;
  /** What the host did for it went wrong while none of its code ran: it ends. */
  failed(error: unknown): void;
}

/** The call that an instance works on. */
export interface CurrentTask {
  /** `context.get` and `context.set`. */
  readonly context: [number, number];
  state: "running" | "cancel-wanted" | "cancelling" | "returned" | "cancelled";
  return(memory: GuestMemory, values: readonly (number | bigint)[]): void;
  /** The guest is told that it is cancelled. */
  takeCancellation(): boolean;
}

/** Shared by all that belongs to one time of an instance. */
export interface Era {
  isOver: boolean;
}

/** The tasks of one instance: calls of its exports that are under way, of which one runs at a time. */
export class Tasks {
  readonly #guest: Notified;
  /** The time between two resets; what belongs to an earlier one is nobody's. */
  era: Era = { isOver: false };
  /** Whose code runs. */
  current: CurrentTask | undefined;
  /** While above 0, the guest takes no further calls. */
  backpressure = 0;
  /** `context.get` and `context.set` outside of any task. */
  startContext: [number, number] = [0, 0];
  readonly row = new Row();
  #ready: Task[] = [];
  #scheduled = false;

  constructor(guest: Notified) {
    this.#guest = guest;
  }

  /** Something happened; a task that waits on its stack looks again. */
  happened(): void {
    this.#guest.notify();
  }

  /**
   * Puts something where the guest wanted it, when it happened: a wrong place ends the guest, as does what it does when it is asked for
   * memory. Whoever brings it is no part of that. Answers whether it could be done.
   */
  onBehalf(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#guest.failed(error);
      return false;
    }
  }

  /** Lets a task go on soon: never within the call that made it ready, which may be a guest's. */
  schedule(task: Task): void {
    if (this.#ready.includes(task)) return;
    this.#ready.push(task);
    this.#arm();
  }

  /** A task left its stack. */
  left(): void {
    this.current = undefined;
    if (this.#ready.length > 0) this.#arm();
  }

  /** Nothing of what was under way goes on. */
  reset(): void {
    this.era.isOver = true;
    this.era = { isOver: false };
    this.current = undefined;
    this.backpressure = 0;
    this.startContext = [0, 0];
    this.#ready = [];
  }

  #arm(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const { era } = this;
    // A stack that waits keeps the others out until it is left.
    while (!era.isOver && this.current === undefined && this.#ready.length > 0) {
      if (this.row.isOver) return this.#runLater();
      this.#ready.shift()!.resume();
    }
  }

  #runLater(): void {
    this.#scheduled = true;
    nextTurn(() => this.#run());
  }
}
