import { expect, it } from "vitest";
import { decodeModule } from "../../binary/index.ts";
import { wat } from "../../testkit/index.ts";
import { scan } from "../scan.ts";
import { copiesOfLoops } from "../short-loops.ts";
import { MarkPlanner } from "./plan.ts";
import { pointerOf } from "./pointer.ts";

const store = (offset = 0): string => `(i32.store offset=${offset} (global.get $sp) (i32.const 1))`;
const move = (by: number): string => `(global.set $sp (i32.add (global.get $sp) (i32.const ${by})))`;
const next = `(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))`;

/** How each mark of a function is made that asks for the stack pointer wherever it stores. */
async function marksOf(code: string): Promise<string[]> {
  const module = decodeModule(
    await wat(`(module (import "host" "f" (func $host)) (memory 2) (table 1 funcref) (global $sp (mut i32) (i32.const 65536))
      (func $keeps ${move(-16)} (if (global.get $sp) (then ${move(16)} (return))) ${move(16)})
      (func $moves ${move(-16)} (if (global.get $sp) (then (return))) ${move(16)})
      (func $many ${"(drop (global.get $sp))".repeat(30)})
      (func (param $n i32) ${code}))`),
  );
  const scanned = scan(module);
  const { pointer, steady } = pointerOf(module, scanned)!;
  const trace = scanned.traces[3]!;
  return new MarkPlanner(module)
    .plan(module.bodies[3]!, trace, copiesOfLoops(trace), steady[3] === 1 ? pointer : undefined)
    .map(({ by, add }) => (add === 0 ? by : `${by}+${add}`));
}

it.each<[what: string, code: string, marks: string[]]>([
  ["a frame", move(-64) + store() + store(60) + move(64), ["global"]],
  ["a frame within a frame", move(-64) + store() + move(-32) + store() + move(32) + store(60), ["global"]],
  ["two that are far from each other", move(-64) + store() + move(-1000) + store(), ["global", "global"]],
  [
    "an address from before it moved",
    `(i32.store (global.get $sp) (i32.const 1)) (drop (global.get $sp)) ${move(-800)} ${store(800)}`,
    ["global"],
  ],
  ["rounds that put it back", `${store()} (loop $l ${move(-16)} ${store()} ${move(16)} ${next})`, ["global"]],
  ["rounds that do not", `${store()} (loop $l ${move(-16)} ${store()} ${next})`, Array(4 + 1).fill("operand")],
  ["rounds that go on before they put it back", `${store()} (loop $l ${move(-16)} (br_if $l (local.get $n)) ${move(16)} ${store()})`, Array(4 + 1).fill("operand")],
  ["a branch that leaves it as it was", `${store()} (if (local.get $n) (then ${move(-16)} ${store()} ${move(16)})) ${store()}`, ["global"]],
  ["a branch that moves it", `${store()} (if (local.get $n) (then ${move(-16)})) ${store()}`, ["global", "operand"]],
  ["a branch that moves it and does not come back", `${store()} (if (local.get $n) (then ${move(-16)} (return))) ${store()}`, ["global"]],
  ["a function that puts it back on every way", `${store()} (call $keeps) ${store()}`, ["global"]],
  ["one that does not on one way", `${store()} (call $moves) ${store()}`, ["global", "operand"]],
  ["the host", `${store()} (call $host) ${store()}`, ["global", "operand"]],
  ["the host, which does not come back", `${store()} (if (local.get $n) (then (call $host) (unreachable))) ${store()}`, ["global"]],
  ["a table", `${store()} (call_indirect (i32.const 0)) ${store()}`, ["global", "operand"]],
  ["a value that is nobody's", `${store()} (global.set $sp (local.get $n)) ${store()}`, ["global", "operand"]],
])("follows the stack pointer: %s", async (_, code, marks) => expect(await marksOf(code)).toEqual(marks)); // prettier-ignore
