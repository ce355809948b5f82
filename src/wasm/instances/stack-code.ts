import { opcode, Writer } from "../binary/index.ts";

/** Bytes of a stack's place in the memory: which call is next, and what goes with it. */
export const placeBytes = 16;

/**
 * A loop that makes one call after the other on the stack that it runs on. Not a function of JavaScript, since nothing can
 * wait across one; the table takes only functions of the one type, so that whoever fills it hears of another:
 * `(module (type $call (func (param i32 i32)))
 *   (import "" "next" (func $next (param i32) (result i32)))
 *   (table (export "calls") 0 (ref null $call)) (memory (export "memory") 1)
 *   (func (export "run") (param $stack i32) (local $at i32)
 *     (local.set $at (i32.mul (local.get $stack) (i32.const 16)))
 *     (loop (call_indirect (type $call) (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)) (i32.load (local.get $at)))
 *       (br_if 0 (call $next (local.get $stack))))))`
 */
export function stackCode(): Uint8Array {
  const out = Writer.module();
  const types = new Writer().u32(3);
  types.u8(0x60).u32(2).u8(i32).u8(i32).u32(0);
  types.u8(0x60).u32(1).u8(i32).u32(1).u8(i32);
  types.u8(0x60).u32(1).u8(i32).u32(0);
  out.section(1, types);
  out.section(2, new Writer().u32(1).name("").name("next").u8(0).u32(1));
  out.section(3, new Writer().u32(1).u32(2));
  out.section(4, new Writer().u32(1).u8(nullable).u32(0).u8(0).u32(0));
  out.section(5, new Writer().u32(1).u8(0).u32(1));
  const exported = new Writer().u32(3).name("run").u8(0).u32(1);
  out.section(7, exported.name("calls").u8(1).u32(0).name("memory").u8(2).u32(0));
  const code = new Writer().u32(1).u32(1).u8(i32);
  code.u8(opcode.localGet).u32(0).u8(opcode.i32Const).s32(placeBytes).u8(opcode.i32Mul).u8(opcode.localSet).u32(1);
  code.u8(opcode.loop).u8(empty);
  for (const offset of [4, 8, 0]) code.u8(opcode.localGet).u32(1).u8(opcode.i32Load).u32(2).u32(offset);
  code.u8(opcode.callIndirect).u32(0).u32(0);
  code.u8(opcode.localGet).u32(0).u8(opcode.call).u32(0).u8(opcode.brIf).u32(0).u8(opcode.end).u8(opcode.end);
  out.section(10, new Writer().u32(1).u32(code.length).raw(code.view()));
  return out.view();
}

const [i32, empty, nullable] = [0x7f, 0x40, 0x63] as const;
