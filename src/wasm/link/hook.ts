import { Writer } from "../binary/index.ts";
import type { InterruptHook } from "./instance.ts";

/**
 * Makes a hook that guests can call directly. It is called about every thousand loop rounds or calls with the
 * `guest` that the instance was made with; anything but 0 ends the guest with a trap that it cannot catch.
 * It must not throw: that a guest could catch. One for each thread.
 */
export function interruptHook(check: (guest: number) => number): InterruptHook {
  compiled ??= new WebAssembly.Module(forwarder());
  const { exports } = new WebAssembly.Instance(compiled, { "": { "": check } });
  return exports[""] as InterruptHook;
}

let compiled: WebAssembly.Module | undefined;

/** `(module (import "" "" (func (param i32) (result i32))) (export "" (func 0)))`: only a Wasm function fits a typed reference. */
function forwarder(): Uint8Array {
  const i32 = 0x7f;
  const out = new Writer().raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(out, 1, new Writer().u32(1).u8(0x60).u32(1).u8(i32).u32(1).u8(i32));
  section(out, 2, new Writer().u32(1).name("").name("").u8(0).u32(0));
  section(out, 7, new Writer().u32(1).name("").u8(0).u32(0));
  return out.view();
}

function section(out: Writer, id: number, content: Writer): void {
  out.u8(id).u32(content.length).raw(content.view());
}
