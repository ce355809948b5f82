import { describe, expect, it } from "vitest";
import { ScriptInstance, wat } from "../testkit/index.ts";

const memory = `(core module $Mem (memory (export "mem") 1) (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top) (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
  (core instance $mem (instantiate $Mem))`;

/** What both components have of the ABI itself, and how their modules import it. */
const builtIns = `
  (type $F (future u32)) (type $S (stream string))
  (core func $future.new (canon future.new $F)) (core func $future.write (canon future.write $F async (memory $mem "mem")))
  (core func $future.read (canon future.read $F async (memory $mem "mem")))
  (core func $set.new (canon waitable-set.new)) (core func $set.wait (canon waitable-set.wait (memory $mem "mem")))
  (core func $join (canon waitable.join)) (core func $subtask.cancel (canon subtask.cancel async)) (core func $subtask.drop (canon subtask.drop))
  (core func $task.return (canon task.return (result u32))) (core func $task.cancel (canon task.cancel))
  (core func $hold (canon backpressure.inc)) (core func $let-in (canon backpressure.dec))
  (core func $stream.new (canon stream.new $S)) (core func $stream.drop-writable (canon stream.drop-writable $S))
  (core instance $abi (export "future.new" (func $future.new)) (export "future.write" (func $future.write)) (export "future.read" (func $future.read))
    (export "set.new" (func $set.new)) (export "set.wait" (func $set.wait)) (export "join" (func $join)) (export "subtask.cancel" (func $subtask.cancel))
    (export "subtask.drop" (func $subtask.drop)) (export "task.return" (func $task.return)) (export "task.cancel" (func $task.cancel))
    (export "hold" (func $hold)) (export "let-in" (func $let-in)))`;
const imports = `(import "mem" "mem" (memory 1)) (import "abi" "future.new" (func $future.new (result i64)))
  (import "abi" "future.write" (func $future.write (param i32 i32) (result i32))) (import "abi" "future.read" (func $future.read (param i32 i32) (result i32)))
  (import "abi" "set.new" (func $set.new (result i32))) (import "abi" "set.wait" (func $set.wait (param i32 i32) (result i32)))
  (import "abi" "join" (func $join (param i32 i32))) (import "abi" "subtask.cancel" (func $subtask.cancel (param i32) (result i32)))
  (import "abi" "subtask.drop" (func $subtask.drop (param i32))) (import "abi" "task.return" (func $task.return (param i32)))
  (import "abi" "task.cancel" (func $task.cancel)) (import "abi" "hold" (func $hold)) (import "abi" "let-in" (func $let-in))`;
const told = `
  ;; answers what a subtask came to, once there is an event of it
  (func $state (param $subtask i32) (result i32) (local $set i32)
    (call $join (local.get $subtask) (local.tee $set (call $set.new)))
    (drop (call $set.wait (local.get $set) (i32.const 64)))
    (i32.load (i32.const 68)))`;

/**
 * `$c` lifts `add`, which waits for a future and adds 1 to it, in one of three ways; `$d` lowers it, plainly as `add` and
 * asynchronously as `add-later`, and runs `way`.
 */
const calls = (manner: "callback" | "stack" | "plain", way: string, type = "async"): string => {
  const waited = `(i32.add (i32.load (i32.const 16)) (i32.const 1))`;
  const wait = `(drop (call $set.wait (local.get $set) (i32.const 32)))`;
  const [results, atOnce, end] = {
    callback: [
      "(result i32)",
      `(call $task.return ${waited}) (return (i32.const 0))`,
      `(i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4)))`,
    ],
    stack: ["", `(call $task.return ${waited}) (return)`, `${wait} (call $task.return ${waited})`],
    plain: ["(result i32)", `(return ${waited})`, `${wait} ${waited}`],
  }[manner];
  const begin = `(if (i32.ne (call $future.read (local.get 0) (i32.const 16)) (i32.const -1)) (then ${atOnce}))
        (call $join (local.get 0) (local.tee $set (call $set.new)))`;
  const options = { callback: `async (callback (func $i "back"))`, stack: "async", plain: "" }[manner];
  return `(component
  (component $c ${memory} ${builtIns}
    (core module $m ${imports}
      (func (export "add") (param i32) ${results} (local $set i32) ${begin} ${end})
      (func (export "back") (param $event i32) (param i32 i32) (result i32)
        (if (i32.eq (local.get $event) (i32.const 6)) (then (call $task.cancel)) (else (call $task.return ${waited})))
        (i32.const 0))
      (func (export "hold") (call $hold)) (func (export "let-in") (call $let-in)))
    (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "abi" (instance $abi))))
    (func (export "add") async (param "f" $F) (result u32) (canon lift (core func $i "add") ${options}))
    (func (export "hold") (canon lift (core func $i "hold"))) (func (export "let-in") (canon lift (core func $i "let-in"))))
  (component $d
    (import "c" (instance $c (export "add" (func async (param "f" (future u32)) (result u32))) (export "hold" (func)) (export "let-in" (func))))
    ${memory} ${builtIns}
    (core func $add (canon lower (func $c "add"))) (core func $later (canon lower (func $c "add") async (memory $mem "mem")))
    (core func $hold-c (canon lower (func $c "hold"))) (core func $let-c (canon lower (func $c "let-in")))
    (core instance $others (export "add" (func $add)) (export "later" (func $later)) (export "hold" (func $hold-c)) (export "let-in" (func $let-c)))
    (core module $m ${imports}
      (import "c" "add" (func $add (param i32) (result i32))) (import "c" "later" (func $later (param i32 i32) (result i32)))
      (import "c" "hold" (func $hold-c)) (import "c" "let-in" (func $let-c))
      ${told}
      (func (export "run") (result i32) (local $ends i64) (local $r i32) (local $w i32) (local $call i32)
        (local.set $ends (call $future.new)) (local.set $r (i32.wrap_i64 (local.get $ends)))
        (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (i32.store (i32.const 48) (i32.const 41))
        ${way}))
    (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "abi" (instance $abi)) (with "c" (instance $others))))
    (func (export "run") ${type} (result u32) (canon lift (core func $i "run"))))
  (instance $ci (instantiate $c)) (instance $di (instantiate $d (with "c" (instance $ci))))
  (export "run" (func $di "run")))`;
};

const later = `(local.set $call (call $later (local.get $r) (i32.const 56)))`;
const subtask = `(i32.shr_u (local.get $call) (i32.const 4))`;
const write = `(drop (call $future.write (local.get $w) (i32.const 48)))`;
/** The state of the call before, and the result behind it, in one number. */
const states = (first: string, then: string): string => `(i32.add (i32.mul (i32.const 1000) ${first}) ${then})`;
const state = `(i32.and (local.get $call) (i32.const 15))`;

async function run(text: string): Promise<number> {
  const { values } = await (await ScriptInstance.of(await wat(text))).call("run", []);
  return values[0] as number;
}

describe("an asynchronous call between components", () => {
  it.each(["callback", "stack", "plain"] as const)("starts, waits and returns: %s", async (manner) => {
    const way = `${later} ${write} ${states(state, `(i32.add (i32.mul (i32.const 100) (call $state ${subtask})) (i32.load (i32.const 56)))`)}`;
    expect(await run(calls(manner, way))).toBe(1000 * 1 + 100 * 2 + 42);
  });

  it.each(["callback", "stack", "plain"] as const)("returns at once where it need not wait: %s", async (manner) => {
    const way = `${write} ${later} ${states(state, "(i32.load (i32.const 56))")}`;
    expect(await run(calls(manner, way))).toBe(1000 * 2 + 42);
  });

  it.each(["callback", "stack", "plain"] as const)("is waited for by a plain lower: %s", async (manner) => {
    expect(await run(calls(manner, `${write} (call $add (local.get $r))`))).toBe(42);
  });

  it("is kept out by backpressure, and starts when it is let in", async () => {
    const way = `(call $hold-c) ${later} ${write} (call $let-c) ${states(state, `(i32.add (call $state ${subtask}) (i32.load (i32.const 56)))`)}`;
    // STARTING, then the last event that is left of it: RETURNED.
    expect(await run(calls("callback", way))).toBe(0 + 2 + 42);
  });

  it.each([
    ["before it starts", `(call $hold-c) ${later}`, 3],
    ["while it waits", later, 4],
  ])("is cancelled %s", async (_, before, answer) => {
    expect(await run(calls("callback", `${before} (call $subtask.cancel ${subtask})`))).toBe(answer);
  });

  it("goes on where its callee does not look whether it is cancelled", async () => {
    const way = `${later} ${states(`(i32.and (call $subtask.cancel ${subtask}) (i32.const 15))`, `(call $later (local.get $w) (i32.const 0))`)}`;
    const text = calls(
      "stack",
      way.replace(
        `(call $later (local.get $w) (i32.const 0))`,
        `(block (result i32) ${write} (call $state ${subtask}))`,
      ),
    );
    // BLOCKED, then RETURNED.
    expect(await run(text)).toBe(15_000 + 2);
  });
});

describe("what ends all components", () => {
  it.each([
    [
      "a synchronous function that has to wait",
      calls("callback", `(call $add (local.get $r))`, ""),
      "is a synchronous function",
    ],
    [
      "a subtask that is dropped while it is under way",
      calls("callback", `${later} (call $subtask.drop ${subtask}) (i32.const 0)`),
      "under way",
    ],
    ["a call that never gets on", calls("callback", `(call $add (local.get $r))`), "deadlock"],
    [
      "a future that a set waits for and that is given away",
      calls("callback", `(call $join (local.get $r) (call $set.new)) (call $add (local.get $r))`),
      "while a set waits for it",
    ],
    ["an end of another kind", calls("callback", `(call $add (local.get $w))`), "expected a future-reader"],
    [
      "an answer of another type",
      calls("callback", `${write} (call $add (local.get $r))`).replace(
        "(canon task.return (result u32))",
        "(canon task.return (result s32))",
      ),
      "task.return is of another type",
    ],
  ])("%s", async (_, text, message) => {
    await expect(run(text)).rejects.toThrow(message);
  });
});

/** `$c` writes three texts in UTF-8 into a stream, `$d` reads them as UTF-16 and answers units and first ones. */
const texts = `(component
  (component $c ${memory} (type $S (stream string))
    (core func $new (canon stream.new $S)) (core func $write (canon stream.write $S async (memory $mem "mem")))
    (core instance $abi (export "new" (func $new)) (export "write" (func $write)))
    (core module $m (import "mem" "mem" (memory 1)) (import "abi" "new" (func $new (result i64))) (import "abi" "write" (func $write (param i32 i32 i32) (result i32)))
      (data (i32.const 0) "\\20\\00\\00\\00\\01\\00\\00\\00\\21\\00\\00\\00\\02\\00\\00\\00\\23\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 32) "a\\c3\\a4\\e2\\82\\ac")
      (func (export "texts") (result i32) (local $ends i64)
        (local.set $ends (call $new))
        (drop (call $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 0) (i32.const 3)))
        (i32.wrap_i64 (local.get $ends))))
    (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "abi" (instance $abi))))
    (func (export "texts") (result $S) (canon lift (core func $i "texts"))))
  (component $d ${memory} (type $S (stream string)) (import "texts" (func $texts (result (stream string))))
    (core func $texts (canon lower (func $texts)))
    (core func $read (canon stream.read $S async (memory $mem "mem") (realloc (func $mem "realloc")) string-encoding=utf16))
    (core instance $abi (export "texts" (func $texts)) (export "read" (func $read)))
    (core module $m (import "mem" "mem" (memory 1)) (import "abi" "texts" (func $texts (result i32))) (import "abi" "read" (func $read (param i32 i32 i32) (result i32)))
      (func (export "run") (result i32)
        (if (i32.ne (call $read (call $texts) (i32.const 0) (i32.const 5)) (i32.const 0x30)) (then unreachable))
        (i32.add (i32.add (i32.load16_u (i32.load (i32.const 0))) (i32.load16_u (i32.load (i32.const 8)))) (i32.load16_u (i32.load (i32.const 16))))))
    (core instance $i (instantiate $m (with "mem" (instance $mem)) (with "abi" (instance $abi))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $ci (instantiate $c)) (instance $di (instantiate $d (with "texts" (func $ci "texts"))))
  (export "run" (func $di "run")))`;

it("lifts the elements of a stream from one component to the other", async () => {
  expect(await run(texts)).toBe("aä€".split("").reduce((sum, sign) => sum + sign.charCodeAt(0), 0));
});
