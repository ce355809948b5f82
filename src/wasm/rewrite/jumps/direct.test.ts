import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeModule } from "../../binary/index.ts";
import { dispatching, outcome, wat } from "../../testkit/index.ts";
import { scan } from "../scan.ts";
import { withDirectJumps } from "./direct.ts";

/** A function whose parameter says where to begin, and what decides on ways through it. */
function moduleOf(body: string): Promise<Uint8Array> {
  return wat(`(module (memory (export "memory") 1) (global $work (export "work") (mut i32) (i32.const 0))
    (func (export "run") (param $pc i32) (param $x i32) (result i32) (local $a i32) ${body} (local.get $a)))`);
}

const compiled = `(block $out (loop $top (block $p4 (block $p3 (block $p2 (block $p1 (block $p0
    (local.get $pc) (br_table $p0 $p1 $p1 $p2 $p3 $p4))
    (local.set $pc (i32.const 4)) (br $top)) ;; 0: to where it is asked whether there is more
  (local.set $a (i32.add (local.get $a) (i32.const 3)))) ;; 1
  (local.set $a (i32.mul (local.get $a) (i32.const 5)))) ;; 2
  (local.set $x (i32.sub (local.get $x) (i32.const 1)))) ;; 3
  (if (i32.gt_s (local.get $x) (i32.const 0)) (then (local.set $pc (i32.const 1)) (br $top))) (br $out)))`; // 4

describe("direct jumps", () => {
  it("make a loop of what was one, and leave none where there was none", async () => {
    const module = decodeModule(await moduleOf(compiled));
    const direct = withDirectJumps(module);
    expect(scan(module).traces[0]!.tight).toEqual([true]);
    const run = (bytes: Uint8Array, pc: number, x: number): number =>
      (new WebAssembly.Instance(new WebAssembly.Module(bytes as never)).exports["run"] as (...all: number[]) => number)(
        pc,
        x,
      );
    for (const pc of [0, 1, 2, 3, 4, 5, 9, -1])
      for (const x of [0, 1, 5]) expect(run(direct.bytes, pc, x)).toBe(run(module.bytes, pc, x));

    const forward = await moduleOf(compiled.replace("(local.set $pc (i32.const 1)) (br $top)", "(br $out)"));
    expect(scan(decodeModule(forward)).traces[0]!.tight).toEqual([]);
  });

  it.each<[what: string, from: string, to: string]>([
    ["the number is read by others", "(local.get $x)", "(local.get $pc)"],
    ["the number is read behind the loop", "(br $out)))", "(br $out))) (local.set $a (local.get $pc))"],
    ["a jump sets it to what is no constant", "(i32.const 4)", "(i32.add (i32.const 4) (local.get $a))"],
    ["a jump leaves it as it is", "(local.set $pc (i32.const 4))", ""],
    ["something stands between", "(br $top))", "(drop (i32.const 0)) (br $top))"],
    ["a branch by a condition goes back", "(br $out)", "(br_if $top (local.get $x))"],
    ["a piece goes to another by its block", "(local.set $pc (i32.const 4)) (br $top)", "(br $p4)"],
    ["the table leads out of the loop", "$p3 $p4))", "$out $p4))"],
    ["there is code behind the table", "$p3 $p4))", "$p3 $p4) (nop))"],
    ["exceptions are caught", "(br $out)", "(try_table (br $out))"],
  ])("are not made where %s", async (_, from, to) => {
    expect(compiled).toContain(from);
    const module = decodeModule(await moduleOf(compiled.replace(from, to)));
    expect(withDirectJumps(module)).toBe(module);
  });

  it("make no function many times as long: loops in loops without end stay as they are", async () => {
    const nested = (count: number): string => {
      const pieces = Array.from({ length: 2 * count }, (_, i) =>
        i < count ? "" : `(if (local.get $x) (then (local.set $pc (i32.const ${2 * count - 1 - i})) (br $top)))`,
      );
      const labels = pieces.map((_, i) => `$p${i}`);
      return `(loop $top ${labels
        .toReversed()
        .map((label) => `(block ${label}`)
        .join(" ")}
        (local.get $pc) (br_table ${labels.join(" ")})) ${pieces.join(") ")})`;
    };
    const few = decodeModule(await moduleOf(nested(10)));
    expect(scan(few).traces[0]!.tight).toHaveLength(10);
    const many = decodeModule(await moduleOf(nested(40)));
    expect(withDirectJumps(many)).toBe(many);
  });

  it("make no function many times as long: loops whose pieces are all over the table stay as they are", async () => {
    const count = 200;
    const pairs = (table: number[]): string => {
      const pieces = table.map((_, i) =>
        i % 2 === 0 ? "" : `(if (local.get $x) (then (local.set $pc (i32.const ${table.indexOf(i - 1)})) (br $top)))`,
      );
      return `(loop $top ${pieces.map((_, i) => `(block $p${count - 1 - i}`).join(" ")}
        (local.get $pc) (br_table ${table.map((to) => `$p${to}`).join(" ")})) ${pieces.join(") ")})`;
    };
    const inOrder = Array.from({ length: count }, (_, i) => i);
    const ordered = decodeModule(await moduleOf(pairs(inOrder)));
    expect(scan(ordered).traces[0]!.tight).toHaveLength(count / 2);
    const mixed = decodeModule(await moduleOf(pairs(inOrder.map((i) => (i * 37) % count))));
    expect(withDirectJumps(mixed)).toBe(mixed);
  });

  it("lead where they did: random functions", async () => {
    const next = `(local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12345)))`;
    const code = fc
      .nat(1000)
      .map((n) => `(local.set $a (i32.add (i32.mul (local.get $a) (i32.const 31)) (i32.const ${n}))) ${next}`);
    const value = fc.nat(12).map((bit) => `(i32.and (i32.shr_u (local.get $x) (i32.const ${16 + bit})) (i32.const 3))`);
    await fc.assert(
      fc.asyncProperty(dispatching(code, value), fc.array(fc.integer(), { minLength: 20, maxLength: 20 }), run),
      { numRuns: 150 },
    );
    async function run(text: string, inputs: number[]): Promise<void> {
      const module = decodeModule(await moduleOf(text));
      const start = (bytes: Uint8Array) => new WebAssembly.Instance(new WebAssembly.Module(bytes as never)).exports;
      const direct = withDirectJumps(module);
      expect(direct).not.toBe(module);
      for (const input of inputs) {
        const [before, now] = [start(module.bytes), start(direct.bytes)];
        expect(outcome(now, "run", [0, input])).toEqual(outcome(before, "run", [0, input]));
      }
    }
  });
});
