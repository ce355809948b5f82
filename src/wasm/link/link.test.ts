import { describe, expect, it } from "vitest";
import { decodeComponent } from "../binary/index.ts";
import { anyHost, componentOf, smallComponent, wat } from "../testkit/index.ts";
import { link } from "./index.ts";
import type { HostLookup } from "./index.ts";

async function linked(component: Uint8Array, lookup: HostLookup = anyHost) {
  return link(decodeComponent(component), lookup);
}

/** Two components: the first has the core functions `f` and `c` and a memory `m`, the second imports what it makes of them. */
const joined = (made: string, type: string, core = "(result i32)"): string => `(component
  (component $a (core module $m (memory (export "m") 1) (func (export "f") (result i32) i32.const 0) (func (export "c") (param i32 i32 i32) (result i32) i32.const 0))
    (core instance $i (instantiate $m)) ${made})
  (instance $a (instantiate $a))
  (component $b (import "f" (func $f ${type})) (core func $l (canon lower (func $f)))
    (core module $m (import "a" "f" (func ${core}))) (core instance $x (export "f" (func $l)))
    (core instance (instantiate $m (with "a" (instance $x)))))
  (instance (instantiate $b (with "f" (func $a "f")))))`;

const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

describe("link", () => {
  it("links shim and fix-up modules away", async () => {
    const { manifest, modules } = await linked(await smallComponent());
    expect(modules).toHaveLength(1);
    await expect(pretty(manifest)).toMatchFileSnapshot("golden/small.json");
  });

  it("keeps of a shim only what goes to an adapter", async () => {
    const core = await wat(`(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi:random/random@0.2.3" "get-random-u64" (func (result i64)))
      (import "wasi:random/random@0.2.3" "get-random-bytes" (func (param i64 i32)))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
      (func (export "_initialize"))
      (func (export "run") (drop (call $random (i32.const 0) (i32.const 4))) (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))))`);
    const wit = `package t:t; world w { import wasi:random/random@0.2.3; export run: func(); }
      package wasi:random@0.2.3 { interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; } }`;
    const { manifest } = await linked(await componentOf(core, wit, { preview1: true }));
    const { memories, steps, exports, uses } = manifest;
    expect(memories).toHaveLength(1);
    expect(steps.map((step) => step.kind)).toEqual([
      "instantiate",
      "instantiate",
      "instantiate",
      "fill",
      "fill",
      "call",
    ]);
    expect(steps.filter((step) => step.kind === "fill").map(({ source }) => source.name)).toEqual(
      expect.arrayContaining(["random_get", "fd_write"]),
    );
    expect(exports).toMatchObject([{ interface: undefined, name: "run", core: { instance: 1 } }]);
    const main = steps[1]!;
    expect(main.kind === "instantiate" && main.imports.filter(({ source }) => source.kind === "host")).toHaveLength(2);
    // The same interface in two versions, the adapter's and the module's own, under one name.
    expect(new Set(uses.map((use) => use.kind !== "built-in" && use.interface))).toContain("wasi:random/random");
  });

  it("takes an interface in several versions at once", async () => {
    const { manifest } = await linked(
      await wat(`(component
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $a (export "now" (func (result u64)))))
        (import "wasi:clocks/monotonic-clock@0.2.9" (instance $b (export "now" (func (result u64)))))
        (core func $a0 (canon lower (func $a "now"))) (core func $b0 (canon lower (func $b "now")))
        (core module $m (import "x" "a" (func (result i64))) (import "x" "b" (func (result i64))))
        (core instance $x (export "a" (func $a0)) (export "b" (func $b0)))
        (core instance (instantiate $m (with "x" (instance $x)))))`),
    );
    expect(manifest.uses.map((use) => use.kind !== "built-in" && `${use.interface} ${use.version}`)).toEqual([
      "wasi:clocks/monotonic-clock 0.2.0",
      "wasi:clocks/monotonic-clock 0.2.9",
    ]);
  });

  it("names a resource by the interface that defines it", async () => {
    const { manifest } = await linked(
      await wat(`(component
        (import "wasi:io/streams@0.2.0" (instance $io (export "output-stream" (type (sub resource)))))
        (alias export $io "output-stream" (type $stream))
        (import "wasi:http/types@0.2.0" (instance $http (alias outer 1 $stream (type $s)) (export "output-stream" (type (eq $s)))))
        (alias export $http "output-stream" (type $again))
        (core func $drop (canon resource.drop $again))
        (core module $m (import "x" "d" (func (param i32))))
        (core instance $x (export "d" (func $drop)))
        (core instance (instantiate $m (with "x" (instance $x)))))`),
    );
    expect(manifest.uses).toEqual([
      { kind: "drop", interface: "wasi:io/streams", version: "0.2.0", resource: "output-stream" },
    ]);
  });

  const lowered = (result: string, core: string): string => `(component
    (import "wasi:a/b@0.2.0" (instance $i (export "f" (func (result ${result})))))
    (core func $f (canon lower (func $i "f")))
    (core module $m (import "x" "f" (func ${core}))) (core instance $x (export "f" (func $f)))
    (core instance (instantiate $m (with "x" (instance $x)))))`;

  it.each([
    [
      "a function that the host lacks",
      lowered("u32", "(result i32)"),
      () => undefined,
      "component-unsupported",
      "wasi:a/b@0.2.0#f, which this host does not have",
    ],
    [
      "a function that the host has otherwise",
      lowered("u32", "(result i32)"),
      () => ({ params: ["i64"], results: [] }),
      "component-unsupported",
      "wasi:a/b@0.2.0#f as () -> i32, this host has it as (i64) -> nothing",
    ],
    [
      "an import that contradicts the component's own type",
      lowered("u64", "(result i32)"),
      anyHost,
      "component-malformed",
      "to import wasi:a/b@0.2.0#f as () -> i64, got () -> i32",
    ],
    [
      "calls between components without a memory for strings",
      joined(
        `(func (export "f") (result string) (canon lift (core func $i "f") (memory $i "m")))`,
        "(result string)",
        "(param i32)",
      ),
      anyHost,
      "component-malformed",
      "expected the option memory to lower f",
    ],
    [
      "calls between components that import another type",
      joined(`(func (export "f") (result u32) (canon lift (core func $i "f")))`, "(result u32)", "(result i64)"),
      anyHost,
      "component-malformed",
      "to import f as () -> i32, got () -> i64",
    ],
    [
      "resources of another component",
      `(component (import "a:b/c@0.2.0" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $r)) (core func (canon resource.new $r)))`,
      anyHost,
      "component-malformed",
      "resource.new on a resource that the component defines",
    ],
    [
      "an index that is not there",
      `(component (core module $m) (core instance (instantiate $m)) (alias core export 0 "f" (core func)))`,
      anyHost,
      "component-malformed",
      "to export a func f",
    ],
    [
      "a missing argument",
      `(component (core module $m (import "x" "f" (func))) (core instance (instantiate $m)))`,
      anyHost,
      "component-malformed",
      'an argument "x"',
    ],
    [
      "a memory that its module exports and does not have",
      `(component (core module $a (memory 1) (export "m" (memory 1))) (core module $b (import "a" "m" (memory 1)))
        (core instance $a (instantiate $a)) (core instance (instantiate $b (with "a" (instance $a)))))`,
      anyHost,
      "component-malformed",
      "expected a memory, got index 1",
    ],
    [
      "values that pass through a 64-bit memory",
      `(component (core module $m (memory (export "memory") i64 1) (func (export "f") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m)) (func (export "f") (result string) (canon lift (core func $i "f") (memory $i "memory"))))`,
      anyHost,
      "component-unsupported",
      "values through a 64-bit memory",
    ],
    [
      "pointers of 64 bits",
      `(component (core module $m (memory (export "memory") i64 1) (func (export "f") (result i64) (i64.const 0)))
        (core instance $i (instantiate $m)) (func (export "f") (result string) (canon lift (core func $i "f") (memory $i "memory"))))`,
      anyHost,
      "component-unsupported",
      "values through a 64-bit memory",
    ],
  ] as [string, string, HostLookup, string, string][])("refuses %s", async (_, text, lookup, code, message) => {
    await expect(wat(text).then((bytes) => linked(bytes, lookup))).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message), remedy: expect.any(String) }),
    );
  });

  const lists = (options: string, realloc = "(param i32 i32 i32 i32) (result i32)"): string => `(component
    (core module $r (memory (export "m") 1) (func (export "r") ${realloc} unreachable)) (core instance $r (instantiate $r))
    (alias core export $r "m" (core memory $m)) (alias core export $r "r" (core func $realloc))
    (import "wasi:a/b@0.2.0" (instance $i (export "f" (func (result (list u8))))))
    (core func $f (canon lower (func $i "f") ${options}))
    (core module $n (import "x" "f" (func (param i32)))) (core instance $x (export "f" (func $f)))
    (core instance (instantiate $n (with "x" (instance $x)))))`;

  it.each([
    ["a missing memory", lists(""), "component-malformed", "expected the option memory to lower wasi:a/b#f"],
    [
      "a missing realloc",
      lists("(memory $m)"),
      "component-malformed",
      "expected the option realloc to lower wasi:a/b#f",
    ],
    [
      "a realloc of another type",
      lists("(memory $m) (realloc $realloc)", "(param i64) (result i32)"),
      "component-malformed",
      "expected realloc (r) as (i32, i32, i32, i32) -> i32, got (i64) -> i32",
    ],
    [
      "strings in UTF-16",
      lists("(memory $m) (realloc $realloc) string-encoding=utf16"),
      "component-unsupported",
      "strings as utf16",
    ],
  ])("refuses canonical options with %s", async (_, text, code, message) => {
    await expect(wat(text).then((bytes) => linked(bytes))).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each(["0.4.0", "0.2.0-rc-2023-11-10", "0.1.0", "1.2.3"])("refuses WASI %s", async (version) => {
    const text = lowered("u32", "(result i32)").replace("0.2.0", version);
    await expect(wat(text).then((bytes) => linked(bytes))).rejects.toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringContaining("this host serves WASI 0.2"),
      }),
    );
  });

  it.each(["0.2.0-draft2", "0.2.0-draft-2024-09-27", "0.2.0-rc.1"])(
    "takes drafts of interfaces without a release: %s",
    async (version) => {
      const { manifest } = await linked(await wat(lowered("u32", "(result i32)").replace("0.2.0", version)));
      expect(manifest.uses[0]).toMatchObject({ version });
    },
  );

  it("ends on a function that is behind the table that it calls through", async () => {
    const bytes = await wat(`(component
      (core module $shim (type $t (func)) (table (export "t") 1 funcref) (func (export "0") (call_indirect (type $t) (i32.const 0))))
      (core module $fixup (import "" "t" (table 1 funcref)) (import "" "0" (func $x)) (elem (i32.const 0) func $x))
      (core module $main (import "" "0" (func)))
      (core instance $s (instantiate $shim))
      (alias core export $s "t" (core table $table)) (alias core export $s "0" (core func $f))
      (core instance $bag (export "t" (table $table)) (export "0" (func $f)))
      (core instance (instantiate $fixup (with "" (instance $bag))))
      (core instance (instantiate $main (with "" (instance $bag)))))`);
    await expect(linked(bytes)).rejects.toThrow(/functions behind a table that end somewhere/);
  });

  it("instantiates as given what only looks like a shim", async () => {
    const bytes = await wat(`(component
      (core module $shim (type $t (func (param i32) (result i32))) (table (export "t") 1 funcref)
        (func (export "0") (type $t) (call_indirect (type $t) (i32.add (local.get 0) (i32.const 1)) (i32.const 0))))
      (core module $fixup (import "" "t" (table 1 funcref)) (import "" "f" (func $x (param i32) (result i32))) (elem (i32.const 0) func $x))
      (core module $main (import "" "0" (func (param i32) (result i32))))
      (core module $last (func (export "f") (param i32) (result i32) (local.get 0)))
      (core instance $s (instantiate $shim))
      (alias core export $s "t" (core table $table)) (alias core export $s "0" (core func $f))
      (core instance $l (instantiate $last)) (alias core export $l "f" (core func $g))
      (core instance $bag (export "t" (table $table)) (export "0" (func $f)) (export "f" (func $g)))
      (core instance (instantiate $fixup (with "" (instance $bag))))
      (core instance (instantiate $main (with "" (instance $bag)))))`);
    const { manifest } = await linked(bytes);
    expect(manifest.steps.map(({ kind }) => kind)).toEqual([
      "instantiate",
      "instantiate",
      "instantiate",
      "instantiate",
    ]);
  });

  it("links fifty thousand imports in a moment", async () => {
    const times = (make: (i: number) => string): string => Array.from({ length: 50_000 }, (_, i) => make(i)).join("");
    const bytes = await wat(`(component
      (core module $a (func $f) ${times((i) => `(export "${i}" (func $f))`)})
      (core module $b ${times((i) => `(import "a" "${i}" (func))`)})
      (core instance $i (instantiate $a)) (core instance (instantiate $b (with "a" (instance $i)))))`);
    const from = process.cpuUsage();
    await linked(bytes);
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1000).toBeLessThan(5000);
  });

  it("ends on definitions that multiply each other", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        `(component $c${i + 1} ${`(alias outer 1 $c${i} (component $x)) `}(instance (instantiate $x)) (instance (instantiate $x)))`,
    );
    const bytes = await wat(`(component (component $c0) ${levels.join("\n")} (instance (instantiate $c30)))`);
    await expect(linked(bytes)).rejects.toThrow(expect.objectContaining({ code: "component-malformed" }));
  });

  it("ends on instances that export each other twice", async () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `(instance $i${i + 1} (export "a" (instance $i${i})) (export "b" (instance $i${i})))`,
    );
    const bytes = await wat(`(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
      (func $f (canon lift (core func $i "f"))) (instance $i0 (export "f" (func $f))) ${levels.join("\n")}
      (export "x" (instance $i60)) (export "f" (func $f)))`);
    expect((await linked(bytes)).manifest.exports.map(({ name }) => name)).toEqual(["f"]);
  });
});
