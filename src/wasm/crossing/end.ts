import { BandstandError } from "../../foundation/errors/index.ts";
import { monotonic, threadTime } from "../../foundation/time/clock.ts";
import type { Lowering } from "../host/contract.ts";
import type { Handles, Holdable } from "../host/handles.ts";
import { GuestMemory } from "../host/memory.ts";
import type { Paced } from "../host/trap.ts";

/** The guest that all instances of components are parts of. */
export interface CrossingGuest extends Paced {
  readonly handles: Handles;
  /** It was entered so that it may wait, with no JavaScript between. */
  readonly mayPause: boolean;
  /** It was ended since it ran on where it could not pause: its component owes for that. */
  heldUp: boolean;
}

export type CoreValue = number | bigint;
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** What one call may move: bytes, where each value costs some too, since none of it can be interrupted. */
const mostMoved = 128 << 20;
const costOfValue = 32;
/** Bytes of it between two looks at the clock, and what it may take. Milliseconds of CPU time. */
const [between, longest] = [512 << 10, 10];

/** One side of a call between two instances: its memory, strings and handles. */
export class End {
  readonly memory: GuestMemory;
  readonly encoding: StringEncoding;
  /** Its instance. */
  readonly owner: number;
  /** Handles that this call lends: they may not be given away by it too. */
  readonly #lent = new Set<number>();
  readonly #guest: CrossingGuest;
  #moved = 0;
  /** What was moved when the clock was looked at last, and what both clocks said first. */
  #looked = 0;
  #since = { now: 0, cpu: 0 };

  constructor(
    guest: CrossingGuest,
    lowering: Lowering,
    encoding: StringEncoding,
    owner: number,
    memory: GuestMemory = new GuestMemory(guest, lowering),
  ) {
    this.#guest = guest;
    this.memory = memory;
    this.encoding = encoding;
    this.owner = owner;
  }

  begin(): void {
    this.#moved = this.#looked = this.#since.now = 0;
    if (this.#lent.size > 0) this.#lent.clear();
  }

  /** Charges for values, and for bytes beside them: before each of many, since it may be the last one that there is time for. */
  spend(values: number, bytes = 0): void {
    this.#moved += values * costOfValue + bytes;
    this.foresee(0);
    if (this.#moved - this.#looked >= between) this.#look();
  }

  /** So many values are to come, each of which is charged for when it does. */
  foresee(values: number): void {
    if (this.#moved + values * costOfValue <= mostMoved) return;
    throw this.#guest.fail("component-resources", `moves more than ${mostMoved} bytes between components in a call`);
  }

  /** Copies bytes from the other side's memory, in pieces. */
  copy(from: End, source: number, target: number, size: number): void {
    for (let done = 0; done < size; done += between) {
      const end = source + Math.min(done + between, size);
      from.memory.bytes.copy(this.memory.bytes, target + done, source + done, end);
      if (size > between) this.#look();
    }
  }

  /** Nobody else on the thread runs meanwhile: it must not take long. */
  #look(): void {
    this.#looked = this.#moved;
    const now = monotonic();
    if (this.#since.now === 0) this.#since = { now, cpu: threadTime() };
    if (now - this.#since.now < longest || threadTime() - this.#since.cpu < longest) return;
    this.#guest.heldUp = true;
    throw this.#guest.fail("component-cpu", `moved values between components for more than ${longest} ms in a call`);
  }

  trap(message: string): BandstandError {
    return this.#guest.fail("component-trapped", message);
  }

  /** Gives an owned resource away. */
  release(handle: number, kind: string): Holdable {
    if (this.#lent.has(handle)) throw this.trap(`${kind} ${handle} is lent and given away in one call`);
    return this.handles.release(handle, kind);
  }

  /** Lends a resource to the other side. */
  lendOut(handle: number, kind: string): Holdable {
    this.#lent.add(handle);
    return this.handles.get(handle, kind);
  }

  /** Takes a resource that the other side lends. */
  borrow(resource: Holdable): number {
    return this.handles.lend(resource);
  }

  /** The handles of this side. */
  get handles(): Handles {
    const { handles } = this.#guest;
    handles.use(this.owner);
    return handles;
  }
}
