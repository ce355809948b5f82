import type { CoreModule } from "../binary/index.ts";
import { empty, f64, funcType, i32, opcode, refNullable, Writer } from "../binary/index.ts";
import { localUnits } from "./cost.ts";

/** Units counted down between two calls of the hook: some thousand rounds of a tight loop. */
export const slice = 6000;

/**
 * Units that a function whose loops have gone on for some time counts in its local before they go into the count that all share. Each
 * such time is a branch that goes another way than always, behind which the processor guesses wrong for tens of branches more. So it is
 * done no more often than the hook is called.
 */
const most = slice + 1;

/** Where the additions of one module come to stand: behind all of its own. */
export interface Places {
  /** Types: hook `(i32) -> i32`, check `() -> ()`, arm `(ref null hook, i32) -> ()`, far `(f64) -> f64`. */
  types: { hook: number; check: number; arm: number; far: number };
  /** `step` is -1, which the engine does not know. */
  globals: { count: number; hook: number; guest: number; step: number };
  functions: { check: number; arm: number; take: number; again: number; far: number };
  /** Indices behind all of them. */
  next: { type: number; global: number; function: number };
}

export function places(module: CoreModule): Places {
  const [type, global, at] = [module.types.length, module.globals, module.functions.length];
  return {
    types: { hook: type, check: type + 1, arm: type + 2, far: type + 3 },
    globals: { count: global, hook: global + 1, guest: global + 2, step: global + 3 },
    functions: { check: at, arm: at + 1, take: at + 2, again: at + 3, far: at + 4 },
    next: { type: type + 4, global: global + 4, function: at + 5 },
  };
}

/** How many there are, and the types of the functions, in their order. */
export function addedFunctions({ types }: Places): { count: number; entries: Uint8Array } {
  const all = [types.check, types.arm, types.hook, types.hook, types.far];
  const out = new Writer();
  for (const type of all) out.u32(type);
  return { count: all.length, entries: out.view() };
}

export function addedTypes({ types }: Places): { count: number; entries: Uint8Array } {
  const out = new Writer();
  out.u8(funcType).u32(1).u8(i32).u32(1).u8(i32);
  out.u8(funcType).u32(0).u32(0);
  out.u8(funcType).u32(2).u8(refNullable).s32(types.hook).u8(i32).u32(0);
  out.u8(funcType).u32(1).u8(f64).u32(1).u8(f64);
  return { count: 4, entries: out.view() };
}

export function addedGlobals({ types }: Places): { count: number; entries: Uint8Array } {
  const out = new Writer();
  out.u8(i32).u8(1).u8(opcode.i32Const).s32(slice).u8(opcode.end);
  out.u8(refNullable).s32(types.hook).u8(1).u8(opcode.refNull).s32(types.hook).u8(opcode.end);
  out.u8(i32).u8(1).u8(opcode.i32Const).s32(0).u8(opcode.end);
  number(out.u8(f64).u8(1), -1).u8(opcode.end);
  return { count: 4, entries: out.view() };
}

/** A constant of type f64. */
export function number<Out extends Writer>(out: Out, value: number): Out {
  out.u8(opcode.f64Const).raw(new Uint8Array(new Float64Array([value]).buffer));
  return out;
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

/**
 * Takes so many units from the count, which may ask, and answers 0. That is called where it is rare: the engine makes part of
 * their callers only functions of up to so many bytes, so what is written in each loop is to be short.
 */
export function takeBody({ globals, functions }: Places): Uint8Array {
  const units = 0;
  const out = new Writer().u32(0);
  out.u8(opcode.globalGet).u32(globals.count).u8(opcode.localGet).u32(units).u8(opcode.i32Sub);
  // Of what is given back there may be more than a slice: others asked meanwhile.
  out.u8(opcode.localTee).u32(units).u8(opcode.i32Const).s32(slice).u8(opcode.localGet).u32(units);
  out.u8(opcode.i32Const).s32(slice).u8(opcode.i32LtS).u8(select);
  out.u8(opcode.localTee).u32(units).u8(opcode.globalSet).u32(globals.count);
  out.u8(opcode.localGet).u32(units).u8(opcode.i32Const).s32(0).u8(opcode.i32LtS);
  out.u8(opcode.if).u8(empty).u8(opcode.call).u32(functions.check).u8(opcode.end);
  return out.u8(opcode.i32Const).s32(0).u8(opcode.end).view();
}

/**
 * What a function counts in its local, and what that begins with again. At first it is asked after a few units: of functions that call
 * each other each one that is active may have as many beside the count that all share. One that has put those into it may have
 * more beside it: then there is a question for every few of such functions, however many there are.
 */
export const lent = {
  /**
   * Of functions that call each other thousands may be active, of which each counts in its local. So these put a part of that into the count that
   * all share when they are entered, and have what they did not need back at their end.
   */
  ahead: 48,
  /** Twice the units, so that the lowest bit tells: 0 at first; asked from here on. */
  twice: { limit: 2 * localUnits.settled, again: 1 - 2 * (most - localUnits.settled) },
  /** What is left, as a number with a fraction where it is not the first time; asked below 0. */
  far: { first: localUnits.settled, again: most + 0.5 },
} as const;

/** Takes what stands in such a local (`lent.twice`) and answers what it begins with again. */
export function againBody({ functions }: Places): Uint8Array {
  const counted = 0;
  const out = new Writer().u32(0).u8(opcode.localGet).u32(counted).u8(opcode.localGet).u32(counted);
  out.u8(opcode.i32Const).s32(1).u8(opcode.i32And).u8(opcode.i32Const).s32(-lent.twice.again).u8(opcode.i32Mul);
  out.u8(opcode.i32Add).u8(opcode.i32Const).s32(1).u8(i32ShrS).u8(opcode.call).u32(functions.take).u8(opcode.drop);
  return out.u8(opcode.i32Const).s32(lent.twice.again).u8(opcode.end).view();
}

/** What is added to a number for that the lower bits of the sum are its own, as an integer with a sign: without the tests of a conversion. */
const toBits = 1.5 * 2 ** 52;

/** The same of one that holds a number (`lent.far`): twice that is an integer, and odd where it is not the first time. */
export function farBody({ functions }: Places): Uint8Array {
  const [left, twice] = [0, 1];
  const [first, again] = [2 * lent.far.first, 2 * lent.far.again];
  const out = new Writer().u32(1).u32(1).u8(i32);
  out.u8(opcode.localGet).u32(left).u8(opcode.localGet).u32(left).u8(opcode.f64Add);
  number(out, toBits).u8(opcode.f64Add).u8(i64ReinterpretF64).u8(opcode.i32WrapI64).u8(opcode.localTee).u32(twice);
  out.u8(opcode.i32Const).s32(1).u8(opcode.i32And);
  out
    .u8(opcode.i32Const)
    .s32(again - first)
    .u8(opcode.i32Mul);
  out.u8(opcode.i32Const).s32(first).u8(opcode.i32Add).u8(opcode.localGet).u32(twice).u8(opcode.i32Sub);
  out.u8(opcode.i32Const).s32(1).u8(i32ShrS).u8(opcode.call).u32(functions.take).u8(opcode.drop);
  return number(out, lent.far.again).u8(opcode.end).view();
}

const [select, i32ShrS, i64ReinterpretF64] = [0x1b, 0x75, 0xbd];
