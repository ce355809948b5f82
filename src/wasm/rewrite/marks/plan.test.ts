import { describe, expect, it } from "vitest";
import { decodeModule } from "../../binary/index.ts";
import { wat } from "../../testkit/index.ts";
import { scan } from "../scan.ts";
import { copiesOfLoops } from "../short-loops.ts";
import { MarkPlanner } from "./plan.ts";

/** How each mark of a function is made: `local`, `local+<what is added>`, `page <number>`, `operand`. */
async function marksOf(code: string): Promise<string[]> {
  const module = decodeModule(
    await wat(`(module (tag $e) (memory 2) (memory $other 1) (global $top (mut i32) (i32.const 65536)) (func $f (param i32) (result i32) local.get 0)
      (func (param $p i32) (param $q i32) (local $r i32) (local $w i64) ${code}))`),
  );
  const { traces } = scan(module);
  return new MarkPlanner(module)
    .plan(module.bodies[1]!, traces[1]!, copiesOfLoops(traces[1]!))
    .map(({ by, add, more }) => {
      if (by === "page") return more === 0 ? `page ${add}` : `pages ${add} to ${add + more}`;
      return add === 0 ? by : `${by}+${add}`;
    });
}

const store = (address: string, offset = 0): string => `(i32.store offset=${offset} ${address} (i32.const 1))`;
const p = "(local.get $p)";
const forth = `(local.set $p (i32.add ${p} (i32.const 4)))`;
const element = `(i32.add (local.get $q) (i32.shl ${p} (i32.const 3)))`;
const within = (most: number): string => `(i32.and (i32.load ${p}) (i32.const ${most}))`;
const toP = "(local.set $p (i32.load (i32.const 0)))";

describe("marks", () => {
  it.each<[string, string, string[]]>([
    ["a structure by its fields: one mark", store(p) + store(p, 4) + store(p, 100), ["local"]],
    ["a field far away: one more", store(p) + store(p, 1000) + store(p, 1040), ["local", "local+1000"]],
    ["the edge of the slack", store(p) + store(p, 252) + store(p, 253), ["local", "local+253"]],
    ["two structures: one each", store(p) + store("(local.get $q)") + store(p, 8), ["local", "local"]],
    ["another local with the same value", `${store(p)} (local.set $r ${p}) ${store("(local.get $r)", 12)}`, ["local"]],
    [
      "the frame of a function",
      `(global.set $top (local.tee $r (i32.sub (global.get $top) (i32.const 64)))) ${store("(local.get $r)", 60)} ${store("(local.get $r)", 4)}`,
      ["local"],
    ],
    ["a constant address, and its page", store("(i32.const 4500)") + store("(i32.const 5100)"), ["page 4"]],
    ["an address that is nobody's", store("(i32.load (i32.const 0))", 8), ["operand"]],
    ["a sum that may wrap: by the exact address", store(`(i32.add ${p} (i32.const 16))`), ["local+16"]],
    ["a new value: a new mark", store(p) + toP + store(p), ["local", "local"]],
    ["a step forward", `${store(p)} (local.set $p (i32.add ${p} (i32.const 8))) ${store(p)}`, ["local"]],
    ["a call between", `${store(p)} (drop (call $f (i32.const 1))) ${store(p, 4)}`, ["local"]],
    ["a short operation, as a store", `(memory.fill ${p} (i32.const 0) (i32.const 40)) ${store(p, 100)}`, ["local"]],
    [
      "a short operation near a store",
      `${store(p)} (memory.copy (i32.add ${p} (i32.const 56)) (i32.const 0) (i32.const 200))`,
      ["local"],
    ],
    [
      "a short operation that ends too far away",
      `${store(p)} (memory.copy (i32.add ${p} (i32.const 57)) (i32.const 0) (i32.const 200))`,
      ["local", "local+57"],
    ],
    [
      "a short operation on what is nobody's",
      `(memory.copy (i32.load (i32.const 0)) ${p} (i32.const 200))`,
      ["operand"],
    ],
    ["a long one, whose function marks it", `(memory.fill ${p} (i32.const 0) (i32.const 256))`, []],
    [
      "a sum of two locals, and a step of the one",
      `${store("(i32.add (local.get $p) (local.get $q))")} ${forth} ${store("(i32.add (local.get $q) (local.get $p))")}`,
      ["operand"],
    ],
    [
      "an element of an array, and the next one",
      `${store(element)} ${forth} ${store(`(i32.add (local.get $q) (i32.mul ${p} (i32.const 8)))`)}`,
      ["operand"],
    ],
    ["an element far away", `${store(element)} ${forth.repeat(9)} ${store(element)}`, ["operand", "operand"]],
    [
      "an element of another array",
      `${store(element)} (local.set $q (i32.load ${p})) ${store(element)}`,
      ["operand", "operand"],
    ],
    [
      "an address of 64 bits, and what lies behind it",
      `${store("(i32.wrap_i64 (local.get $w))")} (local.set $w (i64.add (local.get $w) (i64.const 8))) ${store("(i32.wrap_i64 (local.get $w))")}`,
      ["wide local"],
    ],
    [
      "one that is another where it goes beyond 32 bits",
      `${store("(i32.wrap_i64 (local.get $w))")} ${store("(i32.wrap_i64 (i64.sub (local.get $w) (i64.const 4294967200)))")} ${store("(i32.wrap_i64 (i64.sub (local.get $w) (i64.const 4294966000)))")}`,
      ["wide local", "wide local+1296"],
    ],
    ["a byte counted in a table", store(`(i32.shl (i32.load8_u ${p}) (i32.const 2))`, 5000), ["pages 4 to 5"]],
    [
      "a table that is marked",
      store(`(i32.shl (i32.load8_u ${p}) (i32.const 2))`, 5000) + store(`(i32.and ${p} (i32.const 1020))`, 5000),
      ["pages 4 to 5"],
    ],
    ["a table that lies beyond the memory's first size", store(within(1020), 130_500), ["operand+130500"]],
    ["one of a few behind a mark", store(p) + store(`(i32.add ${p} ${within(252)})`), ["local"]],
    ["one of too many", store(p) + store(`(i32.add ${p} ${within(253)})`), ["local", "operand"]],
    ["one of a few before a mark", store(p, 300) + store(`(i32.sub ${p} ${within(44)})`, 88), ["local+300"]],
    ["one too far before it", store(p, 300) + store(`(i32.sub ${p} ${within(45)})`, 88), ["local+300", "operand"]],
    [
      "one of a few, and what lies behind it",
      `(local.set $r (i32.add ${p} ${within(1000)})) ${store("(local.get $r)")} ${store("(local.get $r)", 8)}`,
      ["local"],
    ],
    [
      "one of a few in a local that is another by then",
      `(local.set $r (i32.add ${p} ${within(1000)})) (i32.store (local.get $r) (local.tee $r (i32.add ${p} ${within(1000)})))`,
      ["operand"],
    ],
    [
      "what a local held that is one of a few behind it by then",
      `(i32.store ${p} (local.tee $p (i32.add ${p} ${within(1000)}))) ${store("(local.get $q)")}`,
      ["operand", "local"],
    ],
    [
      "times, and shifted out of 64 bits",
      store(p) + store(`(i32.add (i32.wrap_i64 (i64.shr_u (local.get $w) (i64.const 57))) ${p})`, 80),
      ["local"],
    ],
    [
      "what is left of a quotient",
      store(p) + store(`(i32.add ${p} (i32.rem_u (local.get $q) (i32.const 250)))`),
      ["local"],
    ],
    ["another memory", store(p) + `(i32.store $other ${p} (i32.const 1))`, ["local", "local"]],
  ])("%s", async (_, code, expected) => expect(await marksOf(code)).toEqual(expected));

  it.each<[string, string, number]>([
    ["before a branch, good in it", `${store(p)} (if ${p} (then ${store(p, 4)}) (else ${store(p, 8)}))`, 1],
    ["in one branch, not good in the other", `(if ${p} (then ${store(p)}) (else ${store(p, 4)}))`, 2],
    ["in a branch, not good behind it", `(if ${p} (then ${store(p)})) ${store(p, 4)}`, 2],
    ["behind a way out of the block", `(block (br_if 0 ${p}) ${store(p)}) ${store(p, 4)}`, 2],
    ["of a value that a branch replaces", `${store(p)} (if ${p} (then ${toP})) ${store(p, 4)}`, 2],
    ["before a loop that keeps the value", `${store(p)} (loop ${store(p, 4)} (br_if 0 ${p}))`, 1],
    [
      "before a loop that replaces the value",
      `${store(p)} (loop ${store(p, 4)} (drop (call $f (i32.const 1))) ${toP} (br_if 0 ${p}))`,
      2,
    ],
    ["in a short loop, one for each copy", `(loop ${store(p)} ${toP} (br_if 0 ${p}))`, 4],
    [
      "in a short loop, good for the copies that it steps on to, but for the way back",
      `(loop ${store(p)} ${forth} (br_if 0 ${p}))`,
      2,
    ],
    [
      "in a short loop, not good where a step was left out",
      `(loop (if ${p} (then ${forth})) ${store(p)} (br_if 0 ${p}))`,
      4,
    ],
    ["in a short loop whose body stands in a branch", `(loop (if ${p} (then ${store(p)} ${forth} (br 1))))`, 2],
    [
      "in such a loop, not good where another way leads on",
      `(loop (if ${p} (then ${store(p)} (br_if 1 (local.get $q)) ${forth} (br 1))))`,
      4,
    ],
    [
      "in such a loop, not good where a way leads on before",
      `(loop (br_if 0 (local.get $q)) (if ${p} (then ${store(p)} ${forth} (br 1))))`,
      4,
    ],
    ["in a short loop that goes on before the store", `(loop ${forth} (br_if 0 ${p}) ${store(p)})`, 4],
    [
      "before the first way out of a block, good behind it",
      `(block ${store(p)} (br_if 0 ${p}) ${store("(local.get $q)")}) ${store(p, 4)} ${store("(local.get $q)")}`,
      3,
    ],
    [
      "of a value that only those replace who leave the block elsewhere",
      `(block ${store(p)} (block (br_table 0 1 ${p})) ${toP} ${store(p)}) ${store(p)}`,
      3,
    ],
    ["in a loop, good behind it", `(loop ${store(p)} (br_if 0 ${p})) ${store(p, 4)}`, 1],
    ["in a try, not good where it is caught", `(block $h (try_table (catch_all $h) ${store(p)})) ${store(p, 4)}`, 2],
  ])("%s", async (_, code, expected) => expect(await marksOf(code)).toHaveLength(expected));
});
