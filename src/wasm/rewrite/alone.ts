import type { CoreModule, Instruction } from "../binary/index.ts";
import { empty, i32, i64, opcode, threads } from "../binary/index.ts";
import type { BodyVisitor, BodyWriter } from "./body.ts";

/** It waits for a value in a memory that was shared; in others that is a trap, and stays so. */
export function isAloneWait({ memories }: CoreModule, { op, sub, index }: Instruction): boolean {
  return op === opcode.atomic && (sub === threads.wait32 || sub === threads.wait64) && memories[index]?.shared === true;
}

/**
 * A guest is one thread, and its memories are not shared: nobody will ever wake it. So what waits for a value to change
 * answers that the value is another (1), or that the time is over (2), at once; what would wait for ever is a trap.
 * Whether the address is right the load says, as the original would.
 */
export class AloneVisitor implements BodyVisitor {
  readonly locals = [i32, i64, i64];
  readonly #module: CoreModule;
  #firstLocal = 0;

  constructor(module: CoreModule) {
    this.#module = module;
  }

  enter(_: BodyWriter, firstLocal: number): void {
    this.#firstLocal = firstLocal;
  }

  visit(found: Instruction, out: BodyWriter): void {
    if (!isAloneWait(this.#module, found)) return;
    const isWide = found.sub === threads.wait64;
    const timeout = this.#firstLocal + 1;
    const expected = this.#firstLocal + (isWide ? 2 : 0);
    out.upTo(found.start).skipTo(found.end);
    out.u8(opcode.localSet).u32(timeout).u8(opcode.localSet).u32(expected);
    out.u8(opcode.atomic).u32(isWide ? threads.load64 : threads.load32);
    out.u8((isWide ? 3 : 2) | 0x40).u32(found.index);
    // Beyond what a number holds exactly it is outside of every memory as well.
    out.u64(Math.min(found.offset, Number.MAX_SAFE_INTEGER));
    out
      .u8(opcode.localGet)
      .u32(expected)
      .u8(isWide ? opcode.i64Ne : opcode.i32Ne);
    out.u8(opcode.if).u8(i32).u8(opcode.i32Const).s32(1).u8(opcode.else);
    out.u8(opcode.localGet).u32(timeout).u8(opcode.i64Const).s32(0).u8(opcode.i64LtS);
    out.u8(opcode.if).u8(empty).u8(opcode.unreachable).u8(opcode.end);
    out.u8(opcode.i32Const).s32(2).u8(opcode.end);
  }
}
