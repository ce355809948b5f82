import { expect, it } from "vitest";
import { decodeModule } from "../binary/index.ts";
import { interruptHook } from "../link/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { rewrite } from "./index.ts";
import { heapChunk } from "./names.ts";

const guest = 5;

/** Runs `run` where only so many chunks are granted; answers how many were asked for. */
async function granted(fields: string, chunks: number): Promise<{ asked: number; trapped: boolean }> {
  const bytes = rewrite(decodeModule(await wat(`(module ${fields})`)));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  let asked = 0;
  const hook = interruptHook((of) => {
    if (of === guest) return 0;
    expect(of).toBe(~guest);
    return ++asked > chunks ? 1 : 0;
  });
  arm(exports, hook, guest);
  try {
    (exports["run"] as () => void)();
    return { asked, trapped: false };
  } catch (error) {
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    return { asked, trapped: true };
  }
}

const types = `(type $s (struct (field i64) (field (mut (ref null $s))))) (type $longs (array (mut i64))) (type $bytes (array (mut i8))) (type $refs (array (mut (ref null $s))))`;
const run = (body: string, locals = "") => `${types} (func (export "run") ${locals} ${body})`;
const many = (made: string, rounds: number) =>
  run(
    `(loop $l (drop ${made}) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${rounds}))))`,
    "(local $n i32)",
  );

it.each([
  ["structures", many("(struct.new $s (i64.const 1) (ref.null $s))", 10_000), 10_000 * 32],
  ["structures of zeros", many("(struct.new_default $s)", 10_000), 10_000 * 32],
  ["arrays", many("(array.new $longs (i64.const 1) (i32.const 100))", 1000), 1000 * 824],
  ["arrays of zeros", many("(array.new_default $bytes (i32.const 100000))", 10), 10 * 100_024],
  [
    "arrays of given values",
    many("(array.new_fixed $refs 3 (ref.null $s) (ref.null $s) (ref.null $s))", 10_000),
    10_000 * 48,
  ],
  [
    "arrays of data",
    `(data $d "${"x".repeat(1000)}") ${many("(array.new_data $bytes $d (i32.const 0) (i32.const 1000))", 1000)}`,
    1000 * 1024,
  ],
  [
    "arrays of elements",
    `(elem $e (ref null $s) ${"(item (ref.null $s))".repeat(100)}) ${many("(array.new_elem $refs $e (i32.const 0) (i32.const 100))", 1000)}`,
    1000 * 824,
  ],
  [
    "exceptions that can be kept",
    `(tag $e (param i64)) (global (mut exnref) (ref.null exn)) ${many("(block $h (result i64) (try_table (catch $e $h) (throw $e (i64.const 1))) (unreachable))", 10_000)}`,
    10_000 * 160,
  ],
])("counts %s", async (_, fields, bytes) => {
  const needed = Math.ceil(bytes / heapChunk);
  expect(await granted(fields, Infinity)).toEqual({ asked: needed, trapped: false });
  expect(await granted(fields, needed)).toEqual({ asked: needed, trapped: false });
  expect(await granted(fields, needed - 1)).toEqual({ asked: needed, trapped: true });
});

it.each([
  [
    "what is there at the start, which the host does",
    `(global (ref $bytes) (array.new_default $bytes (i32.const 1000000))) ${run("(nop)")}`,
  ],
  ["numbers of 31 bits", many("(ref.i31 (local.get $n))", 100_000)],
  [
    "exceptions that nothing keeps",
    `(tag $e (param i64)) ${many("(block $h (result i64) (try_table (catch $e $h) (throw $e (i64.const 1))) (unreachable))", 1000)}`,
  ],
])("does not count %s", async (_, fields) => {
  expect(await granted(fields, 0)).toEqual({ asked: 0, trapped: false });
});

it("ends what asks for more than there could be, before it is made", async () => {
  const huge = run("(drop (array.new_default $longs (i32.const -1)))");
  expect(await granted(huge, 100)).toEqual({ asked: 101, trapped: true });
});

it("asks for time too, where large arrays are filled and copied again and again", async () => {
  const body = `(local.set $a (array.new_default $longs (i32.const 100000))) (loop $l
    (array.fill $longs (local.get $a) (i32.const 0) (i64.const 1) (i32.const 100000))
    (array.copy $longs $longs (local.get $a) (i32.const 1) (local.get $a) (i32.const 0) (i32.const 99999))
    (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))`;
  const text = `(module ${run(body, "(local $n i32) (local $a (ref null $longs))")})`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewrite(decodeModule(await wat(text)))));
  let asked = 0;
  const hook = interruptHook((of) => (of >= 0 && asked++ < 0 ? 1 : 0));
  arm(exports, hook);
  (exports["run"] as () => void)();
  expect(asked).toBeGreaterThanOrEqual(15);
});
