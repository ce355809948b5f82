import { expect, it } from "vitest";
import { decodeModule, opcode } from "../binary/index.ts";
import { interruptHook } from "../link/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { added, marks, pagesOfMarks, rewrite } from "./index.ts";

/** Loops whose bodies are written several times: every way out of them, and back to their heads. */
const loops: Record<string, string> = {
  "counts down": `(loop (local.set $sum (i32.add (local.get $sum) (local.get $n)))
    (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`,
  "leaves a value": `(local.set $sum (loop (result i32) (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if 0 (i32.gt_s (local.get $n) (i32.const 0))) (i32.add (local.get $n) (i32.const 70))))`,
  "is left by a branch with a value": `(local.set $sum (block (result i32) (loop
    (drop (br_if 1 (local.get $sum) (i32.eqz (local.get $n)))) (local.set $sum (i32.add (local.get $sum) (i32.const 3)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br 0)) (unreachable)))`,
  "goes on from within blocks": `(block $out (loop $on (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (block (block (block (br_table 0 1 2 $on $out (i32.and (local.get $n) (i32.const 7))))
      (local.set $sum (i32.add (local.get $sum) (i32.const 1))) (br $on))
      (local.set $sum (i32.mul (local.get $sum) (i32.const 3))))
    (if (i32.gt_s (local.get $n) (i32.const 0)) (then (br $on)) (else (br $out)))))`,
  stores: `(loop (i32.store8 (i32.and (local.get $n) (i32.const 0xffff)) (local.get $n))
    (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (i32.mul (local.get $n) (i32.const 7)) (i32.const 0xffff)))))
    (br_if 0 (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 300))) (i32.const 0))))`,
  "is in another": `(loop $outer (local.set $m (i32.and (local.get $n) (i32.const 15)))
    (loop $inner (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 5)) (local.get $m)))
      (br_if $outer (i32.eqz (i32.rem_u (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 11))))
      (br_if $inner (i32.gt_s (local.tee $m (i32.sub (local.get $m) (i32.const 1))) (i32.const 0))))
    (br_if $outer (i32.gt_s (local.get $n) (i32.const 0))))`,
  "calls what does not come back": `(loop (if (i32.gt_u (local.get $n) (i32.const 300000)) (then (call $never) (unreachable)))
    (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $n))))
    (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`,
  returns: `(loop (if (i32.le_s (local.get $n) (i32.const 0)) (then (return (local.get $sum))))
    (local.set $n (i32.sub (local.get $n) (i32.const 2))) (local.set $sum (i32.xor (local.get $sum) (local.get $n))) (br 0))`,
};

it.each(Object.entries(loops))("a short loop that %s does what it did", async (_, loop) => {
  const text = `(module (memory (export "memory") 4) (func $never) (func (export "run") (param $n i32) (result i32)
    (local $sum i32) (local $m i32) ${loop} (local.get $sum)))`;
  const module = decodeModule(await wat(text));
  const run = (bytes: Uint8Array): { run: (n: number) => number; memory: WebAssembly.Memory } => {
    const memory = new WebAssembly.Memory({ initial: 4 });
    const beside = new WebAssembly.Memory({ initial: pagesOfMarks() });
    new Uint32Array(beside.buffer)[marks.sizeAt / 4] = 4;
    const imports = { [added.module]: { [added.memory(0)]: memory, [added.marks(0)]: beside } };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), imports);
    const hook = interruptHook(() => 0);
    if (added.arm in exports) arm(exports, hook, 0);
    const own = exports["memory"] as WebAssembly.Memory;
    return { run: exports["run"] as (n: number) => number, memory: own };
  };
  for (const reset of [false, true]) {
    const bytes = rewrite(module, { reset });
    // The body stands there more than once.
    expect(bytes.filter((byte) => byte === opcode.loop).length).toBeGreaterThan(1);
    const [plain, written] = [run(module.bytes), run(bytes)];
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65, 100, 1000, 65_535, 200_000]) {
      expect([n, written.run(n)]).toEqual([n, plain.run(n)]);
      expect(Buffer.compare(Buffer.from(written.memory.buffer), Buffer.from(plain.memory.buffer))).toBe(0);
    }
  }
});
