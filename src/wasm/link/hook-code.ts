import { opcode } from "../binary/opcodes.ts";
import { Writer } from "../binary/writer.ts";

/** What a check answers: go on, end the guest, or let others run first. */
export const verdict = { on: 0, end: 1, pause: 2 } as const;

/**
 * Only a Wasm function fits a typed reference, and only one may call what suspends:
 * `(func (param $guest i32) (result i32) (local $said i32)
 *   (if (result i32) (i32.eq (local.tee $said (call $check (local.get $guest))) (i32.const 2))
 *     (then (call $pause (local.get $guest))) (else (local.get $said))))`
 * A bundle holds its bytes instead of this file.
 */
export function hookCode(): Uint8Array {
  const i32 = 0x7f;
  const out = Writer.module();
  out.section(1, new Writer().u32(1).u8(0x60).u32(1).u8(i32).u32(1).u8(i32));
  out.section(2, new Writer().u32(2).name("").name("check").u8(0).u32(0).name("").name("pause").u8(0).u32(0));
  out.section(3, new Writer().u32(1).u32(0));
  out.section(7, new Writer().u32(1).name("").u8(0).u32(2));
  const code = new Writer().u32(1).u32(1).u8(i32);
  code.u8(opcode.localGet).u32(0).u8(opcode.call).u32(0).u8(opcode.localTee).u32(1);
  code.u8(opcode.i32Const).s32(verdict.pause).u8(i32Equal).u8(opcode.if).u8(i32);
  code.u8(opcode.localGet).u32(0).u8(opcode.call).u32(1).u8(opcode.else);
  code.u8(opcode.localGet).u32(1).u8(opcode.end).u8(opcode.end);
  out.section(10, new Writer().u32(1).u32(code.length).raw(code.view()));
  return out.view();
}

const i32Equal = 0x46;
