import type { Body, CoreModule, Instruction } from "../../binary/index.ts";
import { instruction, nextInstruction, opcode, Reader } from "../../binary/index.ts";
import type { Trace } from "../scan.ts";
import { event, skipLocals } from "../scan.ts";
import { Covered, near } from "./covered.ts";
import { marks } from "./layout.ts";
import type { Operand } from "./operands.ts";
import { Operands } from "./operands.ts";
import { operandsAbove, storedBytes, storedType } from "./stores.ts";
import { constants, LocalValues, unknown } from "./values.ts";

/** A mark to write before the store at a position. */
export interface Mark {
  at: number;
  /** What it marks: a page by its number, a local's value plus something, or the address on the stack plus something. */
  by: "page" | "local" | "operand";
  local: number;
  /** The page, or what is added. */
  add: number;
  /** Of the value to store (first byte), and how many such lie above the address. */
  type: number;
  above: 1 | 2;
}

interface Block {
  since: number;
  covered: number[];
  loop: boolean;
}

/** Finds for each store whether it needs a mark and by what. One for a module: names and lists are used again. */
export class MarkPlanner {
  readonly #module: CoreModule;
  readonly #values = new LocalValues();
  readonly #operands: Operands;
  readonly #covered = [new Covered()];
  readonly #operand: Operand = { name: unknown, delta: 0, local: -1 };
  /** Around the current position: times and numbers of marks (for each memory) when blocks began. */
  readonly #blocks: Block[] = [];

  constructor(module: CoreModule) {
    this.#module = module;
    this.#operands = new Operands(module, this.#values);
    while (this.#covered.length < module.memories.length) this.#covered.push(new Covered());
  }

  /** In the order of positions. */
  plan(body: Body, trace: Trace): Mark[] {
    const found: Mark[] = [];
    if (!trace.stores) return found;
    const ends = loopEnds(trace);
    this.#values.enter(ends.size === 0 ? new Map() : assignments(this.#module, body));
    this.#operands.clear();
    for (const one of this.#covered) one.enter();
    this.#blocks.length = 0;
    const reader = new Reader(this.#module.bytes, body.start, body.end);
    skipLocals(reader);
    const at = instruction();
    while (!reader.done) {
      nextInstruction(reader, at);
      if (this.#control(at, ends)) continue;
      const size = storedBytes(at);
      if (size > 0) this.#store(at, size, found);
      this.#operands.apply(at);
    }
    return found;
  }

  /** Answers whether it was an instruction of structured control. */
  #control({ op, start }: Instruction, loopEnd: ReadonlyMap<number, number>): boolean {
    switch (op) {
      case opcode.loop:
        this.#begin(true);
        this.#values.loop(start, loopEnd.get(start)!);
        break;
      case opcode.block:
      case opcode.if:
      case opcode.try:
      case opcode.tryTable:
        this.#begin(false);
        break;
      case opcode.else:
      case opcode.catch:
      case opcode.catchAll:
        this.#meet(this.#blocks.at(-1));
        break;
      case opcode.end:
      case opcode.delegate: {
        const block = this.#blocks.pop();
        // Nothing branches to the end of a loop: what was so in its last round is so behind it.
        if (block?.loop) this.#values.loopEnd();
        else this.#meet(block);
        break;
      }
      default:
        return false;
    }
    this.#operands.clear();
    return true;
  }

  #begin(loop: boolean): void {
    this.#blocks.push({ since: this.#values.tick(), covered: this.#covered.map(({ length }) => length), loop });
  }

  /** Where branches meet: what was so on one of them is not known any more. */
  #meet(block: Block | undefined): void {
    if (block === undefined) return;
    this.#values.over(block.since);
    for (const [memory, length] of block.covered.entries()) this.#covered[memory]!.truncate(length);
  }

  #store(store: Instruction, size: number, found: Mark[]): void {
    const { start: at, index, offset } = store;
    const type = storedType(store);
    const covered = this.#covered[index];
    // A memory that is not there: the engine refuses it.
    if (covered === undefined) return;
    const operand = this.#operand;
    const above = operandsAbove(store);
    this.#operands.read(above, operand);
    const { name, delta, local } = operand;
    if (covered.has(name, delta + offset, size)) return;
    if (name === constants) {
      const address = (delta >>> 0) + offset;
      // Beyond, the store traps.
      if (address > 0xffff_ffff) return;
      found.push({ at, type, above, by: "page", local: -1, add: Math.floor(address / (1 << marks.pageShift)) });
      covered.add(name, address);
      return;
    }
    const held = local >= 0 && this.#values.name(local) === name;
    // The offset is added without wrapping, so an address that lies before the one stored to can stand for it.
    const add = near(offset, size) ? 0 : offset;
    covered.add(name, delta + add);
    // The local may hold another sum of the same value. Sums may wrap, so the mark is by the exact one.
    if (held) found.push({ at, type, above, by: "local", local, add: delta - this.#values.delta(local) + add });
    else found.push({ at, type, above, by: "operand", local: -1, add });
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
