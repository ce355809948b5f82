import type { CoreModule, Instruction } from "../../binary/index.ts";
import { objects, opcode, Reader } from "../../binary/index.ts";

/** Whether an instruction may lead to a label, and not only on to the next one. */
export function branches({ op, sub }: Instruction): boolean {
  if (op >= opcode.br && op <= opcode.brTable) return true;
  if (op === opcode.gc) return sub === objects.brOnCast || sub === objects.brOnCastFail;
  return op === opcode.tryTable || op === opcode.brOnNull || op === opcode.brOnNonNull;
}

/** Tells each label that such an instruction may lead to; those of a `try_table` count from around it. */
export function eachLabel({ bytes }: CoreModule, found: Instruction, each: (label: number) => void): void {
  if (found.op !== opcode.brTable && found.op !== opcode.tryTable) {
    each(found.index);
    return;
  }
  const reader = new Reader(bytes, found.start + 1, found.end);
  if (found.op === opcode.brTable) {
    for (let n = reader.u32(); n >= 0; n--) each(reader.u32());
    return;
  }
  const first = reader.peek();
  if (first === 0x63 || first === 0x64) reader.u8();
  reader.s33();
  for (let n = reader.u32(); n > 0; n--) {
    if (reader.u8() < 2) reader.u32();
    each(reader.u32());
  }
}
