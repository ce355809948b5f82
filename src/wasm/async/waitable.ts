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
  /** In the line of the set. */
  #place: Place | undefined;

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
    this.#place ??= this.#set?.lineUp(this);
    this.#set?.wake();
    this.tasks.happened();
  }

  takeEvent(): Event | undefined {
    const event = this.#event;
    this.#event = undefined;
    return event?.();
  }

  /** Its place in the line is up. */
  atItsTurn(): Event | undefined {
    this.#place = undefined;
    return this.takeEvent();
  }

  join(set: WaitableSet | undefined): void {
    this.#set?.left(this.#place);
    this.#set = set;
    set?.joined();
    this.#place = this.hasEvent ? set?.lineUp(this) : undefined;
    if (this.hasEvent) set?.wake();
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

/** What a set is to give an event of, where it stands in line; undefined: it left. */
interface Place {
  waitable: Waitable | undefined;
}

/** `waitable-set`: what a task waits for at a time. Whatever its size, it costs the same: guests have sets of thousands. */
export class WaitableSet extends Resource {
  readonly kind = "waitable-set";
  /** Those with an event, and some that had one, in the order in which it happened: each of them has its turn. */
  #line: Place[] = [];
  /** Where the line begins. */
  #next = 0;
  #members = 0;
  #waiters: Waiter[] = [];

  override get keepsState(): boolean {
    return true;
  }

  get isUsed(): boolean {
    return this.#members + this.#waiters.length > 0;
  }

  joined(): void {
    this.#members++;
  }

  left(place: Place | undefined): void {
    this.#members--;
    if (place !== undefined) place.waitable = undefined;
  }

  /** Something happened to one of them that has no place in the line. */
  lineUp(waitable: Waitable): Place {
    const place = { waitable };
    this.#line.push(place);
    return place;
  }

  wake(): void {
    this.#waiters[0]?.wake();
  }

  take(): Event | undefined {
    while (this.#next < this.#line.length) {
      const { waitable } = this.#line[this.#next++]!;
      this.#shorten();
      const event = waitable?.atItsTurn();
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Forgets those who had their turn, now and then. */
  #shorten(): void {
    const { length } = this.#line;
    if (this.#next === length) this.#line.length = 0;
    else if (this.#next < 64 || this.#next * 2 < length) return;
    else this.#line.splice(0, this.#next);
    this.#next = 0;
  }

  wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** It waits no more. */
  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }
}
