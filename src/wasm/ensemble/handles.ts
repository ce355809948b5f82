import { Handles, type Families, type Holdable } from "../host/handles.ts";
import type { Trappable } from "../host/trap.ts";

/** A call that is lent handles: it gives them back before it answers. */
export interface Borrower {
  borrows: number;
}

/** The handles of one component of several, which lends them for as long as a call takes. */
export class PartHandles extends Handles {
  readonly #guest: Trappable;
  /** How often each handle is lent. */
  readonly #lent = new Map<number, number>();
  /** Who was lent a handle of this table. */
  readonly #borrowers = new Map<number, Borrower>();

  constructor(guest: Trappable, most: number, shared: Families) {
    super(guest, most, shared);
    this.#guest = guest;
  }

  /** Lends a resource to another component, until `returned`. */
  lendOut(handle: number, kind: string): Holdable {
    const found = this.get<Holdable>(handle, kind);
    this.#lent.set(handle, (this.#lent.get(handle) ?? 0) + 1);
    return found;
  }

  /** The call is over that a handle was lent for. */
  returned(handle: number): void {
    const left = (this.#lent.get(handle) ?? 1) - 1;
    if (left === 0) this.#lent.delete(handle);
    else this.#lent.set(handle, left);
  }

  /** Takes a resource that is lent for a call. */
  borrow(resource: Holdable, by: Borrower): number {
    const handle = this.lend(resource);
    this.#borrowers.set(handle, by);
    by.borrows++;
    return handle;
  }

  override take<T extends Holdable>(handle: number, kind: T["kind"]): T {
    this.#checkNotLent(handle, kind);
    return super.take<T>(handle, kind);
  }

  override release<T extends Holdable>(handle: number, kind: T["kind"]): T {
    this.#checkNotLent(handle, kind);
    return super.release<T>(handle, kind);
  }

  override giveBack(handle: number, kind: string): boolean {
    this.#checkNotLent(handle, kind);
    if (!super.giveBack(handle, kind)) return false;
    const by = this.#borrowers.get(handle);
    this.#borrowers.delete(handle);
    if (by !== undefined) by.borrows--;
    return true;
  }

  override reset(...kept: Parameters<Handles["reset"]>): void {
    this.#lent.clear();
    this.#borrowers.clear();
    super.reset(...kept);
  }

  #checkNotLent(handle: number, kind: string): void {
    if (this.#lent.size === 0 || !this.#lent.has(handle)) return;
    throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away while it is lent`);
  }
}
