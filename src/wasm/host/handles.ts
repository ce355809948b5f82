import { hostLimits } from "./limits.ts";
import type { Trappable } from "./trap.ts";

/** Something of the host that a guest holds by a handle. */
export abstract class Resource {
  /** Name of the resource type in its interface. */
  abstract readonly kind: string;
  /** A child must be given back before its parent. */
  parent: Resource | undefined;
  children = 0;

  /** The guest gave its handle back. */
  dropped(): void {}
}

/** The handles of one instance at one time. */
export interface KeptHandles {
  readonly entries: readonly (Resource | undefined)[];
  readonly free: readonly number[];
}

/** The handles of one instance: one table for all types and interface versions. */
export class Handles {
  readonly #guest: Trappable;
  /** Handle 0 is none. */
  #entries: (Resource | undefined)[] = [undefined];
  #free: number[] = [];

  constructor(guest: Trappable) {
    this.#guest = guest;
  }

  /** Handles in use. */
  get size(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  /** Gives a resource to the guest. */
  add(resource: Resource, parent?: Resource): number {
    if (parent !== undefined) {
      resource.parent = parent;
      parent.children++;
    }
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#entries[free] = resource;
      return free;
    }
    if (this.#entries.length > hostLimits.handles) {
      const message = `more than ${hostLimits.handles} resources are held at a time`;
      throw this.#guest.fail("component-resources", message);
    }
    return this.#entries.push(resource) - 1;
  }

  /** The resource behind a handle; a wrong one is a trap. */
  get<T extends Resource>(handle: number, kind: T["kind"]): T {
    const found = this.#entries[handle];
    if (found === undefined || found.kind !== kind) throw this.#wrong(handle, kind, found);
    return found as T;
  }

  /** Takes an owned resource from the guest: handed over, or dropped. Its children must be gone. */
  take<T extends Resource>(handle: number, kind: T["kind"]): T {
    const found = this.get<T>(handle, kind);
    if (found.children > 0) {
      throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away while its children live`);
    }
    if (found.parent !== undefined) {
      found.parent.children--;
      found.parent = undefined;
    }
    this.#entries[handle] = undefined;
    this.#free.push(handle);
    return found;
  }

  drop(handle: number, kind: string): void {
    this.take(handle, kind).dropped();
  }

  /** What a guest holds now, to go back to. */
  keep(): KeptHandles {
    return { entries: [...this.#entries], free: [...this.#free] };
  }

  /** Back to what was kept; to none for a new instance. What was added since is forgotten without being dropped. */
  reset(kept: KeptHandles = { entries: [undefined], free: [] }): void {
    this.#entries.length = kept.entries.length;
    for (let i = 1; i < kept.entries.length; i++) this.#entries[i] = kept.entries[i];
    this.#free.length = kept.free.length;
    for (let i = 0; i < kept.free.length; i++) this.#free[i] = kept.free[i]!;
  }

  #wrong(handle: number, kind: string, found: Resource | undefined): Error {
    const got = found === undefined ? "none" : `a ${found.kind}`;
    return this.#guest.fail("component-trapped", `handle ${handle}: expected a ${kind}, got ${got}`);
  }
}
