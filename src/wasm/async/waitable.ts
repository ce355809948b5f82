import { Resource } from "../host/handles.ts";
import type { Event } from "./event.ts";
import type { Era, Tasks } from "./tasks.ts";

/** Something of a guest that an event may come of: a subtask, or an end of a stream or future. */
export abstract class Waitable extends Resource {
  /** Its place in the guest's table, which events name. */
  handle = 0;
  /** Of the instance that it belongs to. */
  readonly tasks: Tasks;
  /** A call on a stack waits for just this. */
  isAwaited = false;
  readonly #era: Era;
  #event: (() => Event) | undefined;
  #set: WaitableSet | undefined;

  constructor(tasks: Tasks) {
    super();
    this.tasks = tasks;
    this.#era = tasks.era;
  }

  /** The instance that it belongs to is still the same. */
  get isAlive(): boolean {
    return !this.#era.isOver;
  }

  get hasEvent(): boolean {
    return this.#event !== undefined;
  }

  get isInSet(): boolean {
    return this.#set !== undefined;
  }

  /** @param event made when the guest takes it, since it may change until then. */
  happened(event: () => Event): void {
    // What happens for an instance that was reset happens for nobody.
    if (!this.isAlive) return;
    this.#event = event;
    this.#set?.happened();
    this.tasks.happened();
  }

  takeEvent(): Event | undefined {
    const event = this.#event;
    this.#event = undefined;
    return event?.();
  }

  join(set: WaitableSet | undefined): void {
    this.#set?.remove(this);
    this.#set = set;
    set?.add(this);
  }

  override get keepsState(): boolean {
    return true;
  }

  override dropped(): void {
    this.join(undefined);
  }
}

/** Who waits for events of a set. */
export interface Waiter {
  wake(): void;
}

/** `waitable-set`: what a task waits for at a time. */
export class WaitableSet extends Resource {
  readonly kind = "waitable-set";
  readonly #members: Waitable[] = [];
  #waiters: Waiter[] = [];
  /** Where the next look begins, so that none of many is passed over. */
  #next = 0;

  override get keepsState(): boolean {
    return true;
  }

  get isUsed(): boolean {
    return this.#members.length + this.#waiters.length > 0;
  }

  add(waitable: Waitable): void {
    this.#members.push(waitable);
    if (waitable.hasEvent) this.happened();
  }

  remove(waitable: Waitable): void {
    this.#members.splice(this.#members.indexOf(waitable), 1);
  }

  take(): Event | undefined {
    const members = this.#members;
    for (let n = members.length; n > 0; n--) {
      const member = members[this.#next++ % members.length]!;
      if (member.hasEvent) return member.takeEvent();
    }
    return undefined;
  }

  happened(): void {
    this.#waiters[0]?.wake();
  }

  wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** It waits no more. */
  leave(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((each) => each !== waiter);
  }
}
