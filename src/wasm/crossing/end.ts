import { BandstandError } from "../../foundation/errors/index.ts";
import type { Lowering } from "../host/contract.ts";
import type { Handles, Holdable } from "../host/handles.ts";
import { GuestMemory } from "../host/memory.ts";
import type { Paced } from "../host/trap.ts";

/** The guest that all instances of components are parts of. */
export interface CrossingGuest extends Paced {
  readonly handles: Handles;
  /** It was entered so that it may wait, with no JavaScript between. */
  readonly mayPause: boolean;
}

export type CoreValue = number | bigint;
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** What one call may move: bytes, where each value costs some too, since none of it can be interrupted. */
const mostMoved = 128 << 20;
const costOfValue = 32;

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
    this.#moved = 0;
    if (this.#lent.size > 0) this.#lent.clear();
  }

  /** Charges for values, and for bytes beside them. */
  spend(values: number, bytes = 0): void {
    this.#moved += values * costOfValue + bytes;
    if (this.#moved > mostMoved) {
      throw this.#guest.fail("component-resources", `moves more than ${mostMoved} bytes between components in a call`);
    }
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
