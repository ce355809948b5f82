import type { CoreModule, Instruction } from "../binary/index.ts";
import { misc, opcode, Writer } from "../binary/index.ts";
import type { BodyVisitor, BodyWriter } from "./body.ts";
import { localUnits } from "./cost.ts";

/** Units counted down between two calls of the hook: about a thousand rounds of a tight loop. */
export const slice = 1000;

const i32 = 0x7f;
const empty = 0x40;
const funcType = 0x60;
const refNullable = 0x63;

/** Where the additions of one module come to stand: behind all of its own. */
export interface Places {
  /** Types: hook `(i32) -> i32`, check `() -> ()`, arm `(ref null hook, i32) -> ()`. */
  types: { hook: number; check: number; arm: number };
  globals: { count: number; hook: number; guest: number };
  functions: { check: number; arm: number };
  /** Indices behind all of them. */
  next: { type: number; global: number; function: number };
}

export function places(module: CoreModule): Places {
  const { types, globals, functions } = module;
  return {
    types: { hook: types.length, check: types.length + 1, arm: types.length + 2 },
    globals: { count: globals, hook: globals + 1, guest: globals + 2 },
    functions: { check: functions.length, arm: functions.length + 1 },
    next: { type: types.length + 3, global: globals + 3, function: functions.length + 2 },
  };
}

export function addedTypes({ types }: Places): Uint8Array {
  const out = new Writer();
  out.u8(funcType).u32(1).u8(i32).u32(1).u8(i32);
  out.u8(funcType).u32(0).u32(0);
  out.u8(funcType).u32(2).u8(refNullable).s32(types.hook).u8(i32).u32(0);
  return out.view();
}

export function addedGlobals({ types }: Places): Uint8Array {
  const out = new Writer();
  out.u8(i32).u8(1).u8(opcode.i32Const).s32(slice).u8(opcode.end);
  out.u8(refNullable).s32(types.hook).u8(1).u8(opcode.refNull).s32(types.hook).u8(opcode.end);
  out.u8(i32).u8(1).u8(opcode.i32Const).s32(0).u8(opcode.end);
  return out.view();
}

/**
 * Refills the count and asks the hook; if that says stop, it traps. A trap passes every handler of the guest,
 * what a JavaScript function throws does not: so the hook returns a flag and never throws.
 */
export function checkBody({ types, globals }: Places): Uint8Array {
  const out = new Writer().u32(0);
  out.u8(opcode.i32Const).s32(slice).u8(opcode.globalSet).u32(globals.count);
  out.u8(opcode.globalGet).u32(globals.guest).u8(opcode.globalGet).u32(globals.hook).u8(opcode.callRef).u32(types.hook);
  out.u8(opcode.if).u8(empty).u8(opcode.unreachable).u8(opcode.end).u8(opcode.end);
  return out.view();
}

/** Takes hook and guest, then runs what was the start function: not before, so that it cannot run unchecked. */
export function armBody({ globals }: Places, start: number | undefined): Uint8Array {
  const out = new Writer().u32(0);
  out.u8(opcode.localGet).u32(0).u8(opcode.globalSet).u32(globals.hook);
  out.u8(opcode.localGet).u32(1).u8(opcode.globalSet).u32(globals.guest);
  if (start !== undefined) out.u8(opcode.call).u32(start);
  out.u8(opcode.end);
  return out.view();
}

/** Operations whose time depends on the count on top of the stack. */
const bulk = new Set<number>([
  misc.memoryInit,
  misc.memoryCopy,
  misc.memoryFill,
  misc.tableInit,
  misc.tableCopy,
  misc.tableGrow,
  misc.tableFill,
]);

/** Bytes (or table entries) of a bulk operation that count as much as one round of a loop: 2^10. */
const bulkShift = 10;

/** Counts at the entry and at loop headers, by the weights given, and before bulk operations, by their size. */
export class InterruptVisitor implements BodyVisitor {
  readonly locals: readonly number[];
  readonly #places: Places;
  readonly #entry: number;
  readonly #loops: readonly number[];
  #loop = 0;
  #firstLocal = 0;

  constructor(at: Places, entry: number, loops: readonly number[], hasBulk: boolean) {
    this.#places = at;
    this.#entry = entry;
    this.#loops = loops;
    this.locals = hasBulk ? [i32, i32, i32] : loops.length > 0 ? [i32, i32] : entry > 0 ? [i32] : [];
  }

  enter(out: BodyWriter, firstLocal: number): void {
    this.#firstLocal = firstLocal;
    if (this.#entry > 0) this.#count(out, this.#entry);
  }

  visit(found: Instruction, out: BodyWriter): void {
    if (found.op === opcode.loop) this.#countRound(out.upTo(found.end), this.#loops[this.#loop++]!);
    else if (found.op === opcode.misc && bulk.has(found.sub)) this.#countBulk(out.upTo(found.start));
  }

  #count(out: BodyWriter, weight: number): void {
    out.u8(opcode.globalGet).u32(this.#places.globals.count).u8(opcode.i32Const).s32(weight).u8(opcode.i32Sub);
    this.#ask(out);
  }

  /** In a local first, and from time to time into the global. */
  #countRound(out: BodyWriter, weight: number): void {
    if (weight >= localUnits) return this.#count(out, weight);
    const rounds = this.#firstLocal + 1;
    out.u8(opcode.localGet).u32(rounds).u8(opcode.i32Const).s32(weight).u8(opcode.i32Add);
    out.u8(opcode.localTee).u32(rounds).u8(opcode.i32Const).s32(localUnits).u8(opcode.i32GeS);
    out.hint(0).u8(opcode.if).u8(empty);
    out.u8(opcode.globalGet).u32(this.#places.globals.count).u8(opcode.localGet).u32(rounds).u8(opcode.i32Sub);
    this.#ask(out);
    out.u8(opcode.i32Const).s32(0).u8(opcode.localSet).u32(rounds).u8(opcode.end);
  }

  #countBulk(out: BodyWriter): void {
    const size = this.#firstLocal + 2;
    out.u8(opcode.localSet).u32(size);
    out.u8(opcode.globalGet).u32(this.#places.globals.count);
    out.u8(opcode.localGet).u32(size).u8(opcode.i32Const).s32(bulkShift).u8(opcode.i32ShrU).u8(opcode.i32Sub);
    this.#ask(out);
    out.u8(opcode.localGet).u32(size);
  }

  /** The new count is on the stack. */
  #ask(out: BodyWriter): void {
    const count = this.#firstLocal;
    out.u8(opcode.localTee).u32(count).u8(opcode.globalSet).u32(this.#places.globals.count);
    out.u8(opcode.localGet).u32(count).u8(opcode.i32Const).s32(0).u8(opcode.i32LtS);
    out.hint(0).u8(opcode.if).u8(empty).u8(opcode.call).u32(this.#places.functions.check).u8(opcode.end);
  }
}
