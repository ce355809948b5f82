import { usualCounts } from "../../model/plan/index.ts";
import type { Trappable } from "./trap.ts";

/** Something of the host that a guest holds by a handle. */
export abstract class Resource {
  /** Name of the resource type in its interface. */
  abstract readonly kind: string;
  /** A child must be given back before its parent. */
  parent: Resource | undefined;
  children = 0;

  /** What a guest does with it can be seen of it later. */
  get keepsState(): boolean {
    return false;
  }

  /** The guest gave its handle back. */
  dropped(): void {}
}

/** The handles of one instance at one time, table by table. */
export type KeptHandles = readonly {
  readonly entries: readonly (Resource | undefined)[];
  readonly free: readonly number[];
}[];

/** What one of the components holds that a guest is composed of. */
interface Table {
  /** Handle 0 is none. */
  readonly entries: (Resource | undefined)[];
  readonly free: number[];
  /** Handles that it was lent by the component that called it. */
  readonly borrowed: Set<number>;
}

/**
 * The handles of one instance: one table for all types and interface versions, and one for each component where it is
 * composed of several.
 */
export class Handles {
  readonly #guest: Trappable;
  readonly #most: number;
  readonly #tables: Table[] = [];
  #entries: (Resource | undefined)[];
  #free: number[];
  #borrowed: Set<number>;

  /** @param most resources that one component holds at a time. */
  constructor(guest: Trappable, most: number = usualCounts.resources) {
    this.#most = most;
    this.#guest = guest;
    const table = this.#table(0);
    this.#entries = table.entries;
    this.#free = table.free;
    this.#borrowed = table.borrowed;
  }

  /** Handles in use. */
  get size(): number {
    return this.#tables.reduce((sum, { entries, free }) => sum + entries.length - 1 - free.length, 0);
  }

  /** From now on handles are those of this component, since its code runs. */
  use(owner: number): void {
    const table = this.#table(owner);
    this.#entries = table.entries;
    this.#free = table.free;
    this.#borrowed = table.borrowed;
  }

  #table(owner: number): Table {
    return (this.#tables[owner] ??= { entries: [undefined], free: [], borrowed: new Set() });
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
    if (this.#entries.length > this.#most) {
      const message = `more than ${this.#most} resources are held at a time`;
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

  /** Whatever is behind a handle. */
  find(handle: number): Resource | undefined {
    return this.#entries[handle];
  }

  /** Takes an owned resource from the guest: handed over, or dropped. Its children must be gone. */
  take<T extends Resource>(handle: number, kind: T["kind"]): T {
    const found = this.get<T>(handle, kind);
    if (this.#borrowed.size > 0 && this.#borrowed.has(handle)) {
      throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away, and was only borrowed`);
    }
    if (found.children > 0) {
      throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away while its children live`);
    }
    if (found.parent !== undefined) {
      found.parent.children--;
      found.parent = undefined;
    }
    this.#remove(handle);
    return found;
  }

  drop(handle: number, kind: string): void {
    if (!this.giveBack(handle, kind)) this.take(handle, kind).dropped();
  }

  /** Hands an owned resource to another component, with its children. */
  release<T extends Resource>(handle: number, kind: T["kind"]): T {
    const found = this.get<T>(handle, kind);
    if (this.#borrowed.has(handle)) {
      throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away, and was only borrowed`);
    }
    this.#remove(handle);
    return found;
  }

  /** Lends a resource to a component for the time of a call. */
  lend(resource: Resource): number {
    const handle = this.add(resource);
    this.#borrowed.add(handle);
    return handle;
  }

  /** Something that was lent to it was not given back. */
  get owes(): boolean {
    return this.#borrowed.size > 0;
  }

  /** Gives back what was lent to it; false where it is its own. */
  giveBack(handle: number, kind: string): boolean {
    if (this.#borrowed.size === 0 || !this.#borrowed.has(handle)) return false;
    this.get(handle, kind);
    this.#borrowed.delete(handle);
    this.#remove(handle);
    return true;
  }

  #remove(handle: number): void {
    this.#entries[handle] = undefined;
    this.#free.push(handle);
  }

  /** Going back to these handles would not undo what a guest does with them. */
  get keepState(): boolean {
    return this.#tables.some(({ entries }) => entries.some((held) => held?.keepsState));
  }

  /** What a guest holds now, to go back to. */
  keep(): KeptHandles {
    return this.#tables.map(({ entries, free }) => ({ entries: [...entries], free: [...free] }));
  }

  /** Back to what was kept; to none for a new instance. What was added since is forgotten without being dropped. */
  reset(kept: KeptHandles = []): void {
    for (let owner = 0; owner < this.#tables.length; owner++) {
      const { entries, free, borrowed } = this.#tables[owner]!;
      const then = kept[owner] ?? none;
      if (borrowed.size > 0) borrowed.clear();
      entries.length = then.entries.length;
      for (let i = 1; i < then.entries.length; i++) entries[i] = then.entries[i];
      free.length = then.free.length;
      for (let i = 0; i < then.free.length; i++) free[i] = then.free[i]!;
    }
  }

  #wrong(handle: number, kind: string, found: Resource | undefined): Error {
    const got = found === undefined ? "none" : `a ${found.kind}`;
    return this.#guest.fail("component-trapped", `handle ${handle}: expected a ${kind}, got ${got}`);
  }
}

const none: KeptHandles[number] = { entries: [undefined], free: [] };
