import type { Body, CoreModule, Instruction } from "../../binary/index.ts";
import { instruction, nextInstruction, opcode, Reader } from "../../binary/index.ts";
import type { Trace } from "../scan.ts";
import { event, skipLocals } from "../scan.ts";
import type { Copies } from "../short-loops.ts";
import { Covered, near } from "./covered.ts";
import { branches, eachLabel } from "./labels.ts";
import { marks } from "./layout.ts";
import type { Operand } from "./operands.ts";
import { none, Operands, wrapped } from "./operands.ts";
import { operandsAbove, storedBytes, storedType } from "./stores.ts";
import type { Pointer } from "./pointer.ts";
import { atEntry, constants, LocalValues, unknown } from "./values.ts";

/** A mark to write before a store. */
export interface Mark {
  /** Which one of all stores, as often as they are written, counted from 0. */
  before: number;
  /** What it marks: a page by its number, a local's (of a wide one the lower half) or a global's value plus something, or the address on the stack plus something. */
  by: "page" | "local" | "wide local" | "global" | "operand";
  /** The local, or the global. */
  local: number;
  /** The page, or what is added. */
  add: number;
  /** Pages behind that one, which are marked too. */
  more: number;
  /** Of the value to store (first byte), and how many such lie above the address. */
  type: number;
  above: 1 | 2;
}

/**
 * A block that we are in. What becomes known after a branch leads to its end is not known there, since it may not have
 * been so on the way of that branch.
 */
interface Block {
  kind: "block" | "loop" | "copies";
  /** The time of the first branch to its end; of what may go there from anywhere in it, that of its beginning. */
  since: number;
  /** Of a loop whose body stands there several times, for the copy that we are in: the first branch to the next one. */
  next: number;
  /** Where one branch alone has led to the next copy so far: what was known there. */
  kept: Known | undefined;
  /** When this copy began, and the locals that were assigned in it. */
  began: number;
  assigned: Set<number>;
  /** Copies that come after this one, and as many stand in the loop itself, which begins and ends there in the original. */
  left: number;
  within: number;
  start: number;
  end: number;
  /** Where they are read again. */
  from: number;
}

/** What is known where a branch leads to the next copy. */
interface Known {
  /** By fours, a local, the name of its value, what is added to it, and what more may be. */
  locals: number[];
  /** By memory, what `Covered.since` answers. */
  covered: number[][];
}

/** A time that does not come. */
const never = Infinity;

const noLocals = new Set<number>();

/** Finds for each store whether it needs a mark and by what. One for a module: names and lists are used again. */
export class MarkPlanner {
  readonly #module: CoreModule;
  readonly #values = new LocalValues();
  readonly #operands: Operands;
  readonly #covered = [new Covered()];
  readonly #operand: Operand = { name: unknown, delta: 0, local: none, span: 0, time: 0 };
  /** Around the current position, outermost first. */
  readonly #blocks: Block[] = [];
  /** By loop of the function that we are in. */
  #copies: readonly Copies[] = [];
  /** In the copy of a short loop that we are in; there is none within another. */
  readonly #assigned = new Set<number>();
  #loop = 0;
  #stores = 0;
  #pointer: Pointer | undefined;

  constructor(module: CoreModule) {
    this.#module = module;
    this.#operands = new Operands(module, this.#values);
    while (this.#covered.length < module.memories.length) this.#covered.push(new Covered());
  }

  /** In the order that the stores are written, so those of a short loop as often as it is. */
  plan(body: Body, trace: Trace, copies: readonly Copies[], pointer?: Pointer): Mark[] {
    const found: Mark[] = [];
    if (!trace.stores) return found;
    const ends = loopEnds(trace);
    this.#copies = copies;
    this.#loop = this.#stores = 0;
    this.#values.enter(ends.size === 0 ? new Map() : assignments(this.#module, body));
    this.#operands.clear();
    this.#operands.pointer = this.#pointer = pointer;
    pointer?.enter();
    for (const one of this.#covered) one.enter();
    this.#blocks.length = 0;
    const reader = new Reader(this.#module.bytes, body.start, body.end);
    skipLocals(reader);
    const at = instruction();
    while (!reader.done) {
      nextInstruction(reader, at);
      // What it gives is asked for before it is changed.
      if (at.op === opcode.globalGet) this.#operands.apply(at);
      pointer?.apply(at);
      if (at.op === opcode.globalGet) continue;
      if (branches(at)) eachLabel(this.#module, at, this.#branch);
      if (this.#control(at, ends, reader)) continue;
      if (at.op === opcode.localSet || at.op === opcode.localTee) this.#assigned.add(at.index);
      const size = storedBytes(at, trace.short);
      if (size > 0) this.#store(at, size, found);
      this.#operands.apply(at);
    }
    return found;
  }

  /** Answers whether it was an instruction of structured control. */
  #control({ op, start, end }: Instruction, loopEnd: ReadonlyMap<number, number>, reader: Reader): boolean {
    switch (op) {
      case opcode.loop: {
        const { before, within } = this.#copies[this.#loop++]!;
        const left = before + within - 1;
        const block = this.#begin(left > 0 ? "copies" : "loop", never);
        Object.assign(block, { left, within, from: end, start, end: loopEnd.get(start)!, began: this.#values.tick() });
        if (left > 0) block.assigned = this.#assigned;
        this.#assigned.clear();
        if (before === 0) this.#values.loop(start, block.end);
        break;
      }
      case opcode.block:
        this.#begin("block", never);
        break;
      case opcode.if:
      case opcode.try:
      case opcode.tryTable:
        this.#begin("block", this.#values.tick());
        break;
      case opcode.else:
      case opcode.catch:
      case opcode.catchAll:
        this.#meet(this.#blocks.at(-1)?.since ?? 0);
        break;
      case opcode.end:
      case opcode.delegate:
        this.#end(reader);
        break;
      default:
        return false;
    }
    this.#operands.clear();
    return true;
  }

  #begin(kind: Block["kind"], since: number): Block {
    const block: Block = {
      kind,
      since,
      next: never,
      kept: undefined,
      began: 0,
      assigned: noLocals,
      left: 0,
      within: 1,
      start: 0,
      end: 0,
      from: 0,
    };
    this.#blocks.push(block);
    return block;
  }

  readonly #branch = (label: number): void => {
    const block = this.#blocks.at(-1 - label);
    if (block === undefined || block.kind === "loop") return;
    const now = this.#values.tick();
    if (block.kind === "block") block.since = Math.min(block.since, now);
    else {
      block.kept = block.next === never ? this.#known(block) : undefined;
      block.next = Math.min(block.next, now);
    }
  };

  #known({ began, assigned }: Block): Known {
    const values = this.#values;
    const of = (local: number): number[] => [local, values.name(local), values.delta(local), values.span(local)];
    const locals = [...assigned].flatMap(of);
    return { locals, covered: this.#covered.map((each) => each.since(began)) };
  }

  /** Nobody but that branch leads to where we are. */
  #restore({ locals, covered }: Known): void {
    for (let i = 0; i < locals.length; i += 4)
      this.#values.set(locals[i]!, locals[i + 1]!, locals[i + 2]!, locals[i + 3]);
    const now = this.#values.tick();
    for (const [memory, all] of covered.entries())
      for (let i = 0; i < all.length; i += 3) this.#covered[memory]!.add(all[i]!, all[i + 1]!, now, all[i + 2]);
  }

  #end(reader: Reader): void {
    const block = this.#blocks.pop();
    if (block === undefined) return;
    if (block.left > 0) {
      // Who comes to the end of a copy leaves the loop; who branched to its head goes on in the next one.
      block.since = Math.min(block.since, this.#values.tick());
      this.#meet(block.next);
      const { kept } = block;
      block.next = never;
      block.kept = undefined;
      block.assigned.clear();
      // At the head of the loop names end of what it assigns.
      if (block.left-- === block.within) this.#values.loop(block.start, block.end);
      else if (kept !== undefined) {
        this.#restore(kept);
        for (let i = 0; i < kept.locals.length; i += 4) block.assigned.add(kept.locals[i]!);
      }
      this.#blocks.push(block);
      reader.position = block.from;
      this.#pointer?.again();
      return;
    }
    if (block.kind !== "block") this.#values.loopEnd();
    // Nothing branches to the end of a loop that stands there once: what was so in its last round is so behind it.
    this.#meet(block.since);
  }

  /** What became known since then is not known any more. */
  #meet(since: number): void {
    if (since === never) return;
    this.#values.over(since);
    for (const covered of this.#covered) covered.truncate(since);
  }

  #store(store: Instruction, size: number, found: Mark[]): void {
    const before = this.#stores++;
    const { index } = store;
    const offset = store.op === opcode.misc ? 0 : store.offset;
    const type = storedType(store);
    const covered = this.#covered[index];
    // A memory that is not there: the engine refuses it.
    if (covered === undefined) return;
    const operand = this.#operand;
    const above = operandsAbove(store);
    this.#operands.read(above, operand);
    const { name, delta, local, span } = operand;
    if (covered.has(name, delta + offset, size + span)) return;
    if (name === constants && (span === 0 || this.#isThere(index, delta, offset + span))) {
      const address = (delta >>> 0) + offset;
      // Beyond, the store traps.
      if (address > 0xffff_ffff) return;
      // What may lie in one of several pages lies in none that is not marked; what ends behind a page is near it.
      const [page, end] = [address >>> marks.pageShift, (address + span) >>> marks.pageShift];
      found.push({ before, type, above, by: "page", local: -1, add: page, more: end - page });
      covered.add(name, address, this.#values.tick(), span === 0 ? 0 : size + span);
      return;
    }
    const wide = local < none;
    const holder = wide ? wrapped(local) : local;
    if (span > 0) {
      this.#storeWithin(operand, holder, { before, type, above, offset, covered }, found);
      return;
    }
    // By a local that holds one of several behind the name, another page would be marked.
    const held = holder !== none && this.#values.name(holder) === name && this.#values.span(holder) === 0;
    // The offset is added without wrapping, so an address that lies before the one stored to can stand for it.
    const add = near(offset, size) ? 0 : offset;
    covered.add(name, delta + add, this.#values.tick());
    // The local may hold another sum of the same value. Sums may wrap, so the mark is by the exact one.
    const now = this.#pointer?.delta ?? Number.NaN;
    if (name === atEntry && !Number.isNaN(now))
      found.push({ before, type, above, by: "global", local: this.#pointer!.global, add: delta - now + add, more: 0 });
    else if (held)
      found.push({
        before,
        type,
        above,
        by: wide ? "wide local" : "local",
        local: holder,
        add: delta - this.#values.delta(holder) + add,
        more: 0,
      });
    else found.push({ before, type, above, by: "operand", local: -1, add, more: 0 });
  }

  /** All addresses so far on are in a memory from its beginning, so that marking one where nothing is stored does not trap. */
  #isThere(memory: number, delta: number, more: number): boolean {
    return (delta >>> 0) + more < this.#module.memories[memory]!.minimum * 65_536;
  }

  /** A store to one of several addresses, which are not all marked: the one is, and a local that holds it has a name of its own from here on. */
  #storeWithin(
    { delta, local, time }: Operand,
    holder: number,
    { offset, covered, ...store }: Pick<Mark, "before" | "type" | "above"> & { offset: number; covered: Covered },
    found: Mark[],
  ): void {
    const values = this.#values;
    const add = near(offset, 16) ? 0 : offset;
    const name = holder === none ? unknown : values.name(holder);
    if (name === unknown || values.time(holder) !== time) {
      found.push({ ...store, by: "operand", local: -1, add, more: 0 });
      return;
    }
    const by = local < none ? "wide local" : "local";
    const distance = delta - values.delta(holder) + add;
    found.push({ ...store, by, local: holder, add: distance, more: 0 });
    values.set(holder, unknown, 0);
    covered.add(values.name(holder), distance, values.tick());
  }
}

/** Ends of loops by their starts. */
function loopEnds({ events }: Trace): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < events.length; i += 2) {
    if (events[i] === event.loop) open.push(events[i + 1]!);
    else if (events[i] === event.loopEnd) ends.set(open.pop()!, events[i + 1]!);
  }
  return ends;
}

/** Where each local is assigned. */
function assignments(module: CoreModule, body: Body): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const reader = new Reader(module.bytes, body.start, body.end);
  skipLocals(reader);
  const at = instruction();
  while (!reader.done) {
    const op = nextInstruction(reader, at);
    if (op !== opcode.localSet && op !== opcode.localTee) continue;
    const positions = found.get(at.index);
    if (positions === undefined) found.set(at.index, [at.start]);
    else positions.push(at.start);
  }
  return found;
}
