import { usualCounts } from "../../model/plan/index.ts";
import { calledOut, type Trappable } from "./trap.ts";

/** What a guest can hold by a handle. */
export interface Holdable {
  /** Name of the resource type in its interface. */
  readonly kind: string;
  /** What a guest does with it can be seen of it later. */
  readonly keepsState?: boolean;
  /** The guest gave its handle back. */
  dropped?(): void;
}

/**
 * Something of the host that a guest holds by a handle. What every request makes has no parent class: V8 builds that in
 * place, and the others by calls.
 */
export abstract class Resource implements Holdable {
  abstract readonly kind: string;

  get keepsState(): boolean {
    return false;
  }

  dropped(): void {}
}

/**
 * What stands in one place of a table. One object a place, used again and again: where kinds and families are told
 * from objects of one shape, looking up a handle costs a few nanoseconds, and not the search for the field of a dozen classes.
 */
class Entry {
  /** Empty: nothing is here. */
  kind = "";
  /** A child must be given back before its parent. */
  parent: Entry | undefined;
  children = 0;
  /** It wants to hear when it is given back. */
  ends = false;
  /** The next free place where this one is free; 0: none. */
  next = 0;

  copy(other: Entry): void {
    this.kind = other.kind;
    this.parent = other.parent;
    this.children = other.children;
    this.ends = other.ends;
    this.next = other.next;
  }

  clear(): void {
    this.kind = "";
    this.parent = undefined;
    this.children = 0;
  }
}

/** What knows parents and children across tables. */
export type Families = Map<Holdable, Entry>;

interface KeptTable {
  readonly entries: readonly {
    readonly held: Entry;
    readonly content: Entry;
    readonly resource: Holdable | undefined;
  }[];
  readonly used: number;
  readonly free: number;
  readonly count: number;
}

/** The handles of one instance at one time, table by table. */
export type KeptHandles = readonly KeptTable[];

/** What one of the components holds that a guest is composed of. */
interface Table {
  /** Handle 0 is none. */
  readonly entries: Entry[];
  /**
   * What stands at each entry. In an array of its own, made anew for each request: what is young may hold what is young, and V8
   * writes down each place where something old does.
   */
  resources: (Holdable | undefined)[];
  /** Places from here on were never used. */
  used: number;
  /** The first of the free places before that; 0: none. */
  free: number;
  /** Handles in use. */
  count: number;
  /** Handles that it was lent by the component that called it. */
  readonly borrowed: Set<number>;
  /** So many: V8 reads the size of a set through four objects. */
  lent: number;
}

/** Room for as many as most requests have at a time; there may be more. */
function none(): Table["resources"] {
  const no = undefined;
  return [no, no, no, no, no, no, no, no, no, no, no, no];
}

/**
 * The handles of one instance: one table for all types and interface versions, and one for each component where it is
 * composed of several.
 */
export class Handles {
  readonly #guest: Trappable;
  readonly #most: number;
  readonly #tables: Table[] = [];
  #table: Table;
  /** Where there are several tables: what stands in more than one, or moves between them, keeps its family. */
  #known: Families | undefined;
  readonly #shared: Families | undefined;

  /**
   * @param most resources that one component holds at a time.
   * @param shared families that these handles have in common with others; who clears it resets all of them.
   */
  constructor(guest: Trappable, most: number = usualCounts.resources, shared?: Families) {
    this.#most = most;
    this.#guest = guest;
    this.#known = shared;
    this.#shared = shared;
    this.#table = this.#of(0);
  }

  /** Handles in use. */
  get size(): number {
    return this.#tables.reduce((sum, { count }) => sum + count, 0);
  }

  /** From now on handles are those of this component, since its code runs. */
  use(owner: number): void {
    this.#known ??= this.#families();
    this.#table = this.#of(owner);
  }

  #of(owner: number): Table {
    return (this.#tables[owner] ??= {
      entries: [new Entry()],
      resources: none(),
      used: 1,
      free: 0,
      count: 0,
      borrowed: new Set(),
      lent: 0,
    });
  }

  #families(): Families {
    const known: Families = this.#shared ?? new Map();
    for (const { entries, resources } of this.#tables) {
      for (const [handle, held] of entries.entries()) {
        const resource = resources[handle];
        if (resource !== undefined) known.set(resource, held);
      }
    }
    return known;
  }

  /** Gives a resource to the guest. @param parent its handle; 0: none. */
  add(resource: Holdable, parent = 0): number {
    return this.addAs(resource.kind, resource, parent, true);
  }

  /** The same for who knows what it gives. @param ends whether it wants to hear when it is given back. */
  addAs(kind: string, resource: Holdable, parent: number, ends: boolean): number {
    const table = this.#table;
    const { entries } = table;
    let handle = table.free;
    if (this.#guest.nested > 0 || this.#known !== undefined) handle = this.#make(table, resource);
    else if (handle !== 0) table.free = entries[handle]!.next;
    else if ((handle = table.used) < entries.length) {
      // What a request before left here.
      entries[handle]!.clear();
      table.used = handle + 1;
    } else handle = this.#make(table, resource);
    const held = entries[handle]!;
    table.count++;
    table.resources[handle] = resource;
    held.kind = kind;
    held.ends = ends;
    if (parent === 0) return handle;
    const above = entries[parent]!;
    held.parent = above;
    above.children++;
    return handle;
  }

  /** A place for a resource where that takes more than one that is there. */
  #make(table: Table, resource: Holdable): number {
    if (this.#guest.nested > 0) throw calledOut(this.#guest);
    const { entries } = table;
    let handle = table.free;
    if (handle !== 0) table.free = entries[handle]!.next;
    else {
      handle = table.used;
      if (handle > this.#most) throw this.#tooMany();
      if (handle === entries.length) entries.push(new Entry());
      else entries[handle]!.clear();
      table.used = handle + 1;
    }
    if (this.#known !== undefined) this.#join(this.#known, entries, handle, resource);
    return handle;
  }

  #join(known: Families, entries: Entry[], handle: number, resource: Holdable): void {
    const held = known.get(resource);
    if (held !== undefined) entries[handle] = held;
    else known.set(resource, entries[handle]!);
  }

  #tooMany(): Error {
    return this.#guest.fail("component-resources", `more than ${this.#most} resources are held at a time`);
  }

  /** The resource behind a handle; a wrong one is a trap. */
  get<T extends Holdable>(handle: number, kind: T["kind"]): T {
    this.#held(handle, kind);
    return this.#table.resources[handle] as T;
  }

  /** The same for what a guest may do where it must not call out. */
  look<T extends Holdable>(handle: number, kind: T["kind"]): T {
    const found = this.find(handle);
    if (found?.kind !== kind) throw this.#wrong(handle, kind);
    return found as T;
  }

  #held(handle: number, kind: string): Entry {
    const { used, entries } = this.#table;
    if (handle >= 0 && handle < used && this.#guest.nested === 0) {
      const held = entries[handle]!;
      if (held.kind === kind) return held;
    }
    throw this.#wrong(handle, kind);
  }

  /** Whatever is behind a handle. */
  find(handle: number): Holdable | undefined {
    return handle > 0 && handle < this.#table.used ? this.#table.resources[handle] : undefined;
  }

  /** Takes an owned resource from the guest: handed over, or dropped. Its children must be gone. */
  take<T extends Holdable>(handle: number, kind: T["kind"]): T {
    const held = this.#held(handle, kind);
    const resource = this.#table.resources[handle] as T;
    this.#end(held, handle);
    return resource;
  }

  drop(handle: number, kind: string): void {
    if (this.#table.lent > 0 && this.giveBack(handle, kind)) return;
    const held = this.#held(handle, kind);
    if (held.ends !== true) return this.#end(held, handle);
    const resource = this.#table.resources[handle]!;
    this.#end(held, handle);
    resource.dropped?.();
  }

  #end(held: Entry, handle: number): void {
    if (this.#table.lent > 0) this.#checkOwned(handle, held.kind);
    if (held.children > 0) throw this.#early(held.kind, handle);
    const { parent } = held;
    if (parent !== undefined) parent.children--;
    if (this.#known !== undefined) this.#known.delete(this.#table.resources[handle]!);
    this.#remove(handle);
  }

  #early(kind: string, handle: number): Error {
    return this.#guest.fail("component-trapped", `${kind} ${handle} is given away while its children live`);
  }

  /** Hands an owned resource to another component, with its children. */
  release<T extends Holdable>(handle: number, kind: T["kind"]): T {
    const resource = this.get<T>(handle, kind);
    this.#checkOwned(handle, kind);
    this.#remove(handle);
    return resource;
  }

  #checkOwned(handle: number, kind: string): void {
    if (!this.#table.borrowed.has(handle)) return;
    throw this.#guest.fail("component-trapped", `${kind} ${handle} is given away, and was only borrowed`);
  }

  /** Lends a resource to a component for the time of a call. */
  lend(resource: Holdable): number {
    const handle = this.add(resource);
    this.#table.borrowed.add(handle);
    this.#table.lent++;
    return handle;
  }

  /** Something that was lent to it was not given back. */
  get owes(): boolean {
    return this.#table.lent > 0;
  }

  /** Gives back what was lent to it; false where it is its own. */
  giveBack(handle: number, kind: string): boolean {
    const { borrowed } = this.#table;
    if (borrowed.size === 0 || !borrowed.has(handle)) return false;
    this.#held(handle, kind);
    borrowed.delete(handle);
    this.#table.lent--;
    this.#remove(handle);
    return true;
  }

  #remove(handle: number): void {
    const table = this.#table;
    // Where there are several tables, what stood here may go on in another one.
    if (this.#known !== undefined) table.entries[handle] = new Entry();
    const held = table.entries[handle]!;
    held.clear();
    table.resources[handle] = undefined;
    held.next = table.free;
    table.free = handle;
    table.count--;
  }

  /** Going back to these handles would not undo what a guest does with them. */
  get keepState(): boolean {
    return this.#tables.some(({ resources }) => resources.some((resource) => resource?.keepsState));
  }

  /** What a guest holds now, to go back to. */
  keep(): KeptHandles {
    return this.#tables.map(({ entries, resources, used, free, count }) => ({
      used,
      free,
      count,
      entries: entries.slice(0, used).map((held, handle) => {
        const content = new Entry();
        content.copy(held);
        return { held, content, resource: resources[handle] };
      }),
    }));
  }

  /** Back to what was kept; to none for a new instance. What was added since is forgotten without being dropped. */
  reset(kept: KeptHandles = []): void {
    for (let owner = 0; owner < this.#tables.length; owner++) this.#empty(this.#tables[owner]!);
    for (let owner = 0; owner < kept.length; owner++) fill(this.#tables[owner]!, kept[owner]!);
    if (this.#known !== undefined) this.#known = this.#families();
  }

  #empty(table: Table): void {
    // Those of one table alone are cleared when they are used again.
    if (this.#known !== undefined) for (let i = 1; i < table.used; i++) table.entries[i] = new Entry();
    table.resources = none();
    table.used = 1;
    table.free = 0;
    table.count = 0;
    if (table.lent > 0) table.borrowed.clear();
    table.lent = 0;
  }

  #wrong(handle: number, kind: string): Error {
    if (this.#guest.nested > 0) return calledOut(this.#guest);
    const { used, entries } = this.#table;
    const found = handle > 0 && handle < used ? entries[handle]!.kind : "";
    const got = found === "" ? "none" : `a ${found}`;
    return this.#guest.fail("component-trapped", `handle ${handle}: expected a ${kind}, got ${got}`);
  }
}

function fill(table: Table, kept: KeptTable): void {
  for (let handle = 1; handle < kept.used; handle++) {
    const { held, content, resource } = kept.entries[handle]!;
    held.copy(content);
    table.entries[handle] = held;
    table.resources[handle] = resource;
  }
  table.used = kept.used;
  table.free = kept.free;
  table.count = kept.count;
}
