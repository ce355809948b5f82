import { describe, expect, it } from "vitest";
import { compile, instantiate, interruptHook, Place, type Compiled } from "../link/index.ts";
import { prepare } from "../prepare/index.ts";
import { anyHost, crossingsOf, memoriesFor, start, TestGuest, wat } from "../testkit/index.ts";

async function compiled(text: string, isolation: "request" | "reuse" = "reuse"): Promise<Compiled> {
  return compile(prepare(await wat(text), anyHost, isolation));
}

const allocator = `(global $top (mut i32) (i32.const 1024))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $top (i32.and (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
    (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3))))`;

/** `$b` says hello, `$a` asks it: through strings in both directions, and counts what was given back. */
const greeting = `(component
  (component $b
    (core module $m (memory (export "memory") 1) ${allocator} (data (i32.const 16) "hello ")
      (global $after (mut i32) (i32.const 0))
      (func (export "greet") (param $at i32) (param $size i32) (result i32)
        (memory.copy (i32.const 22) (local.get $at) (local.get $size))
        (i32.store (i32.const 8) (i32.const 16)) (i32.store (i32.const 12) (i32.add (local.get $size) (i32.const 6)))
        (i32.const 8))
      (func (export "after") (param i32) (global.set $after (i32.add (global.get $after) (i32.const 1))))
      (func (export "calls") (result i32) (global.get $after)))
    (core instance $i (instantiate $m))
    (func (export "greet") (param "name" string) (result string)
      (canon lift (core func $i "greet") (memory $i "memory") (realloc (func $i "realloc")) (post-return (func $i "after"))))
    (func (export "calls") (result u32) (canon lift (core func $i "calls"))))
  (component $a
    (import "greet" (func $greet (param "name" string) (result string)))
    (import "calls" (func $calls (result u32)))
    (core module $libc (memory (export "memory") 1) ${allocator})
    (core instance $libc (instantiate $libc))
    (core func $g (canon lower (func $greet) (memory $libc "memory") (realloc (func $libc "realloc")) string-encoding=utf16))
    (core func $c (canon lower (func $calls)))
    (core module $m (import "libc" "memory" (memory 1)) (import "b" "greet" (func $greet (param i32 i32 i32))) (import "b" "calls" (func $calls (result i32)))
      (data (i32.const 100) "d\\00r\\00\\e4\\00")
      (func (export "run") (result i32) (call $greet (i32.const 100) (i32.const 3) (i32.const 8)) (i32.const 8))
      (func (export "calls") (result i32) (call $calls)))
    (core instance $b (export "greet" (func $g)) (export "calls" (func $c)))
    (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "b" (instance $b))))
    (func (export "run") (result string) (canon lift (core func $i "run") (memory $libc "memory") string-encoding=utf16))
    (func (export "calls") (result u32) (canon lift (core func $i "calls"))))
  (instance $bi (instantiate $b))
  (instance $ai (instantiate $a (with "greet" (func $bi "greet")) (with "calls" (func $bi "calls"))))
  (export "run" (func $ai "run")) (export "calls" (func $ai "calls")))`;

/** `$a` asks `$b`, which calls `$c` at once, and where it is told to: below realloc, or post-return. */
const leaving = (realloc: string, after: string): string => `(component
  (component $c
    (core module $m (func (export "ping")))
    (core instance $i (instantiate $m))
    (func (export "ping") (canon lift (core func $i "ping"))))
  (component $b
    (import "ping" (func $ping))
    (core func $p (canon lower (func $ping)))
    (core instance $c (export "ping" (func $p)))
    (core module $m (import "c" "ping" (func $ping)) (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${realloc} (i32.const 64))
      (func (export "greet") (param i32 i32) (result i32) (call $ping) (i32.const 8))
      (func (export "after") (param i32) ${after}))
    (core instance $i (instantiate $m (with "c" (instance $c))))
    (func (export "greet") (param "name" string) (result string)
      (canon lift (core func $i "greet") (memory $i "memory") (realloc (func $i "realloc")) (post-return (func $i "after")))))
  (component $a
    (import "greet" (func $greet (param "name" string) (result string)))
    (core module $libc (memory (export "memory") 1) ${allocator})
    (core instance $libc (instantiate $libc))
    (core func $g (canon lower (func $greet) (memory $libc "memory") (realloc (func $libc "realloc"))))
    (core instance $b (export "greet" (func $g)))
    (core module $m (import "b" "greet" (func $greet (param i32 i32 i32)))
      (func (export "run") (result i32) (call $greet (i32.const 100) (i32.const 0) (i32.const 8)) (i32.const 0)))
    (core instance $i (instantiate $m (with "b" (instance $b))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $ci (instantiate $c))
  (instance $bi (instantiate $b (with "ping" (func $ci "ping"))))
  (instance $ai (instantiate $a (with "greet" (func $bi "greet"))))
  (export "run" (func $ai "run")))`;

describe("a component composed of several", () => {
  it("calls from one to the other, each with its own memory and strings", async () => {
    const { exports } = start(await compiled(greeting));
    const run = exports.get("run")!;
    for (let n = 1; n < 4; n++) {
      const at = run.call() as number;
      const view = new DataView(run.lowering.memory!.buffer);
      const [pointer, units] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      expect(Buffer.from(run.lowering.memory!.buffer, pointer, units * 2).toString("utf16le")).toBe("hello drä");
      expect(exports.get("calls")!.call()).toBe(n);
    }
  });

  it("is reset as one", async () => {
    const place = await compiled(greeting, "request");
    expect(place.manifest.reset).toBe(true);
    const memories = memoriesFor(place);
    const hook = interruptHook(() => 0);
    const kept = new Place(place, { bind: () => () => 0, memories, hook, guest: 1, ...crossingsOf(place) });
    const { exports } = kept.instantiate();
    kept.keep();
    const before = memories.map(({ buffer }) => Buffer.from(buffer.slice(0)));
    for (let request = 0; request < 3; request++) {
      exports.get("run")!.call();
      expect(exports.get("calls")!.call()).toBe(1);
      expect(kept.reset()).toBe(true);
      expect(memories.map(({ buffer }) => Buffer.from(buffer))).toEqual(before);
    }
  });

  it.each([
    ["asked for memory", leaving("(call $ping)", "")],
    ["told that it may give some back", leaving("", "(call $ping)")],
  ])("traps where a component calls another one when it is %s", async (_name, text) => {
    const { exports } = start(await compiled(text));
    expect(() => exports.get("run")!.call()).toThrow(/calls out where it must not/);
  });

  it("may call another one everywhere else", async () => {
    expect(
      start(await compiled(leaving("", "")))
        .exports.get("run")!
        .call(),
    ).toBe(0);
  });

  it("traps where a string is none", async () => {
    const { exports } = start(await compiled(greeting.replace('\\00r\\00\\e4\\00"', '\\00r\\00\\00\\d8"')));
    expect(() => exports.get("run")!.call()).toThrow(expect.objectContaining({ code: "component-trapped" }));
  });
});

/** `$b` defines a counter; `$a` makes, uses, lends and drops it. Each function of `$a` is one way to do so. */
const resources = (way: string, lent = "(call $drop (local.get 0))"): string => `(component
  (component $b
    (core module $d (global $dropped (export "dropped") (mut i32) (i32.const 0))
      (func (export "destroy") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0)))))
    (core instance $d (instantiate $d))
    (type $t' (resource (rep i32) (dtor (func $d "destroy"))))
    (export $t "counter" (type $t'))
    (core func $new (canon resource.new $t')) (core func $rep (canon resource.rep $t')) (core func $dropOwn (canon resource.drop $t'))
    (core module $m (import "r" "new" (func $new (param i32) (result i32))) (import "r" "rep" (func $rep (param i32) (result i32)))
      (import "r" "drop" (func $drop (param i32))) (import "r" "dropped" (global $dropped (mut i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "peek") (param i32) (result i32) (local.get 0))
      (func (export "take") (param i32) (result i32) (call $rep (local.get 0)) (call $drop (local.get 0)))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $r (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $dropOwn)) (export "dropped" (global $d "dropped")))
    (core instance $i (instantiate $m (with "r" (instance $r))))
    (func (export "make") (param "n" u32) (result (own $t)) (canon lift (core func $i "make")))
    (func (export "peek") (param "c" (borrow $t)) (result u32) (canon lift (core func $i "peek")))
    (func (export "take") (param "c" (own $t)) (result u32) (canon lift (core func $i "take")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped"))))
  (instance $b (instantiate $b))
  (component $c
    (import "counter" (type $t (sub resource)))
    (core func $dropBorrow (canon resource.drop $t))
    (core module $m (import "r" "drop" (func $drop (param i32))) (func (export "lent") (param i32) (result i32) ${lent} (local.get 0)))
    (core instance $r (export "drop" (func $dropBorrow)))
    (core instance $i (instantiate $m (with "r" (instance $r))))
    (func (export "lent") (param "c" (borrow $t)) (result u32) (canon lift (core func $i "lent"))))
  (instance $c (instantiate $c (with "counter" (type $b "counter"))))
  (component $a
    (import "counter" (type $t (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $t))))
    (import "peek" (func $peek (param "c" (borrow $t)) (result u32)))
    (import "take" (func $take (param "c" (own $t)) (result u32)))
    (import "lent" (func $lent (param "c" (borrow $t)) (result u32)))
    (import "dropped" (func $dropped (result u32)))
    (core func $make (canon lower (func $make))) (core func $peek (canon lower (func $peek))) (core func $take (canon lower (func $take)))
    (core func $lent (canon lower (func $lent))) (core func $dropped (canon lower (func $dropped))) (core func $drop (canon resource.drop $t))
    (core module $m
      (import "b" "make" (func $make (param i32) (result i32))) (import "b" "peek" (func $peek (param i32) (result i32)))
      (import "b" "take" (func $take (param i32) (result i32))) (import "b" "lent" (func $lent (param i32) (result i32)))
      (import "b" "dropped" (func $dropped (result i32))) (import "b" "drop" (func $drop (param i32)))
      (func (export "run") (result i32) (local $c i32) ${way}))
    (core instance $x (export "make" (func $make)) (export "peek" (func $peek)) (export "take" (func $take)) (export "lent" (func $lent))
      (export "dropped" (func $dropped)) (export "drop" (func $drop)))
    (core instance $i (instantiate $m (with "b" (instance $x))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $ai (instantiate $a (with "counter" (type $b "counter")) (with "make" (func $b "make")) (with "peek" (func $b "peek"))
    (with "take" (func $b "take")) (with "lent" (func $c "lent")) (with "dropped" (func $b "dropped"))))
  (export "run" (func $ai "run")))`;

describe("resources that a component defines", () => {
  it.each([
    ["are read by who defined them", "(call $peek (call $make (i32.const 7)))", 7],
    ["are given back", "(call $take (call $make (i32.const 7)))", 7],
    [
      "are destroyed by who defined them when another drops them",
      "(call $drop (call $make (i32.const 5))) (call $dropped)",
      5,
    ],
    [
      "are destroyed when who defined them drops them",
      "(drop (call $take (call $make (i32.const 6)))) (call $dropped)",
      6,
    ],
    [
      "outlive what was lent of them",
      "(local.set $c (call $make (i32.const 9))) (drop (call $lent (local.get $c))) (i32.add (call $dropped) (call $peek (local.get $c)))",
      9,
    ],
    [
      "are known by other numbers to others",
      "(drop (call $make (i32.const 1))) (drop (call $make (i32.const 1))) (call $lent (call $make (i32.const 1)))",
      1,
    ],
  ])("%s", async (_, way, answer) => {
    expect(
      start(await compiled(resources(way)))
        .exports.get("run")!
        .call(),
    ).toBe(answer);
  });

  it.each([
    ["a handle that is not there", "(call $peek (i32.const 3))", undefined, "handle 3"],
    [
      "what was given away",
      "(local.set $c (call $make (i32.const 7))) (drop (call $take (local.get $c))) (call $peek (local.get $c))",
      undefined,
      "got none",
    ],
    [
      "what was dropped",
      "(local.set $c (call $make (i32.const 7))) (call $drop (local.get $c)) (call $drop (local.get $c)) (i32.const 0)",
      undefined,
      "got none",
    ],
    ["what was lent and is kept", "(call $lent (call $make (i32.const 7)))", "(nop)", "kept what was only lent"],
  ])("end a component that uses %s", async (_, way, lent, message) => {
    const { exports } = start(await compiled(resources(way, lent)));
    expect(() => exports.get("run")!.call()).toThrow(
      expect.objectContaining({ code: "component-trapped", message: expect.stringContaining(message) }),
    );
  });
});

/** Three that pass a call on to the host. */
const chain = `(component
  (component $x (core module $m (import "h" "wait" (func $wait (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (call $wait (local.get 0))))
    (import "wait" (func $wait (param "n" u32) (result u32)))
    (core func $w (canon lower (func $wait)))
    (core instance $h (export "wait" (func $w)))
    (core instance $i (instantiate $m (with "h" (instance $h))))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
  (import "host" (func $host (param "n" u32) (result u32)))
  (instance $one (instantiate $x (with "wait" (func $host))))
  (instance $two (instantiate $x (with "wait" (func $one "f"))))
  (instance $three (instantiate $x (with "wait" (func $two "f"))))
  (export "f" (func $three "f")))`;

describe("waiting", () => {
  it("goes through any number of components", async () => {
    const made = await compiled(chain);
    const guest = new TestGuest();
    const bind = () =>
      new WebAssembly.Suspending(async (n: number) => {
        await new Promise((resolve) => setImmediate(resolve));
        return n + 1;
      });
    const given = { bind, memories: memoriesFor(made), hook: interruptHook(() => 0), guest: 1 };
    const { exports } = instantiate(made, { ...given, ...crossingsOf(made, guest, true) });
    guest.mayPause = true;
    const f = WebAssembly.promising(exports.get("f")!.call);
    await expect(f(1)).resolves.toBe(2);
    await expect(f(5)).resolves.toBe(6);
  });

  it("is not needed where a guest cannot wait", async () => {
    const { exports } = start(await compiled(chain), { host: (n: number) => n + 1 });
    expect(exports.get("f")!.call(3)).toBe(4);
  });
});

/** `$a` calls `$b` and catches whatever it can. */
const caught = (body: string): string => `(component
  (component $b (core module $m (tag $e) (func $f (export "f") (result i32) ${body}))
    (core instance $i (instantiate $m)) (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (instance $b (instantiate $b))
  (component $a (import "f" (func $f (result u32))) (core func $l (canon lower (func $f)))
    (core module $m (import "b" "f" (func $f (result i32)))
      (func (export "f") (result i32) (block $h (return (try_table (result i32) (catch_all $h) (call $f)))) (i32.const 99)))
    (core instance $x (export "f" (func $l))) (core instance $i (instantiate $m (with "b" (instance $x))))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (instance $ai (instantiate $a (with "f" (func $b "f"))))
  (export "f" (func $ai "f")))`;

/** The outer component gives a function of its own to an inner one, which calls it while the outer one waits for it. */
const circle = `(component
  (core module $one (func (export "f") (result i32) (i32.const 1)))
  (core instance $one (instantiate $one))
  (func $f (result u32) (canon lift (core func $one "f")))
  (component $inner (import "f" (func $f (result u32))) (core func $l (canon lower (func $f)))
    (core module $m (import "o" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f)))
    (core instance $o (export "f" (func $l))) (core instance $i (instantiate $m (with "o" (instance $o))))
    (func (export "g") (result u32) (canon lift (core func $i "g"))))
  (instance $inner (instantiate $inner (with "f" (func $f))))
  (core func $g (canon lower (func $inner "g")))
  (core module $two (import "i" "g" (func $g (result i32))) (func (export "run") (result i32) (call $g)))
  (core instance $g (export "g" (func $g)))
  (core instance $two (instantiate $two (with "i" (instance $g))))
  (func $run (result u32) (canon lift (core func $two "run")))
  (export "run" (func $run)) (export "g" (func $inner "g")))`;

describe("what ends a component", () => {
  it.each([
    ["a trap", "unreachable", "unreachable"],
    ["an exception", "(throw $e)", "threw an exception that its component did not catch"],
    ["too deep a recursion", "(call $f)", "Maximum call stack"],
  ])("ends its callers, whatever they catch: %s", async (_, body, message) => {
    const made = await compiled(caught(body));
    const guest = new TestGuest();
    const given = { bind: () => () => 0, memories: [], hook: interruptHook(() => 0), guest: 1 };
    const f = instantiate(made, { ...given, ...crossingsOf(made, guest) }).exports.get("f")!;
    let thrown: unknown;
    try {
      f.call();
    } catch (error) {
      thrown = error;
    }
    // What JavaScript throws can be caught; then the mark ends the guest at its next check.
    expect(String(guest.failure ?? thrown)).toContain(message);
  });

  it("is a call back into a component that waits for it", async () => {
    const { exports } = start(await compiled(circle));
    expect(exports.get("g")!.call()).toBe(1);
    expect(() => exports.get("run")!.call()).toThrow(
      expect.objectContaining({
        code: "component-trapped",
        message: expect.stringContaining("waits for a call of its own"),
      }),
    );
  });
});
