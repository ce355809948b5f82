import { describe, expect, it } from "vitest";
import { decodeComponent } from "../binary/index.ts";
import { hostLookup } from "../host/index.ts";
import { anyHost, wat } from "../testkit/index.ts";
import { link, type HostLookup, type Linked } from "./index.ts";

async function linked(text: string, lookup: HostLookup = anyHost): Promise<Linked> {
  return link(decodeComponent(await wat(text)), lookup);
}

/** A component whose module imports one function, made by a canonical definition. */
const uses = (definition: string, type: string, more = ""): string => `(component
  (core module $e (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $e (instantiate $e)) (alias core export $e "m" (core memory $m)) (alias core export $e "r" (core func $r))
  ${more}
  (core func $f (canon ${definition}))
  (core module $n (import "x" "f" (func ${type}))) (core instance $x (export "f" (func $f)))
  (core instance (instantiate $n (with "x" (instance $x)))))`;

const wait = (
  type: string,
): string => `(import "wasi:clocks/monotonic-clock@0.3.0" (instance $i (export "wait-for" (func async ${type}))))
  (alias export $i "wait-for" (func $w))`;

describe("link, asynchronously", () => {
  it("lowers functions so that they answer a subtask, and results into memory", async () => {
    const { manifest } = await linked(
      uses("lower (func $w) async (memory $m)", "(param i64 i32) (result i32)", wait('(param "t" u64) (result u8)')),
    );
    expect(manifest.uses).toMatchObject([{ name: "wait-for", async: true, params: ["i64", "i32"], results: ["i32"] }]);
    const many = Array.from({ length: 5 }, (_, i) => `(param "p${i}" u8)`).join(" ");
    const through = await linked(uses("lower (func $w) async (memory $m)", "(param i32) (result i32)", wait(many)));
    expect(through.manifest.uses).toMatchObject([{ params: ["i32"], results: ["i32"] }]);
  });

  it("lifts with a callback and without", async () => {
    const lift = (options: string, result: string): string => `(component
      (core module $m (func (export "f") (param i32) ${result})
        (func (export "c") (param i32 i32 i32) (result i32) i32.const 0))
      (core instance $m (instantiate $m))
      (func (export "f") async (param "x" u32) (result string) (canon lift (core func $m "f") async ${options})))`;
    const waits = "unreachable";
    const { manifest } = await linked(lift('(callback (func $m "c"))', `(result i32) ${waits}`));
    expect(manifest.exports).toMatchObject([{ name: "f", async: true, callback: { name: "c" } }]);
    const stackful = await linked(lift("", waits));
    expect(stackful.manifest.exports[0]!.callback).toBeUndefined();
    await expect(linked(lift('(callback (func $m "c"))', waits))).rejects.toThrow(/expected export f .* as .* -> i32/);
  });

  it.each([
    ["(stream u8)", { size: 1, align: 1, plain: true }],
    ["(stream)", { size: 0, align: 1, plain: true }],
    ['(stream (record (field "a" u8) (field "b" u64) (field "c" u16)))', { size: 24, align: 8, plain: false }],
    ['(stream (variant (case "a") (case "b" (tuple u32 u8))))', { size: 12, align: 4, plain: false }],
    ["(stream (list u64 3))", { size: 24, align: 8, plain: false }],
    ['(stream (flags "a" "b" "c" "d" "e" "f" "g" "h" "i"))', { size: 2, align: 2, plain: false }],
    ["(stream (option string))", { size: 12, align: 4, plain: false }],
    ['(stream (enum "a" "b"))', { size: 1, align: 1, plain: false }],
    ["(stream f64)", { size: 8, align: 8, plain: true }],
  ])("knows how the elements of %s lie in memory", async (type, element) => {
    const needs = type.includes("string") ? "(realloc $r)" : "";
    const { manifest } = await linked(
      uses(
        `stream.read $s (memory $m) ${needs} async`,
        "(param i32 i32 i32) (result i32)",
        `(type $s0 ${inner(type)}) (type $s ${outer(type)})`,
      ),
    );
    expect(manifest.uses).toMatchObject([{ kind: "built-in", name: "stream.read", async: true, element }]);
  });

  it.each([
    ["a built-in of another type", uses("waitable-set.new", "(param i32)"), "to import waitable-set.new as () -> i32"],
    [
      "a stream where a future is due",
      uses("future.new $s", "(result i64)", "(type $s (stream u8))"),
      "to be a future",
    ],
    [
      "a copy without memory",
      uses("stream.write $s async", "(param i32 i32 i32) (result i32)", "(type $s (stream u8))"),
      "memory",
    ],
  ])("refuses %s", async (_, text, message) => {
    await expect(linked(text)).rejects.toThrow(message);
  });

  it("refuses by name what the host does not have", async () => {
    const text = uses("lower (func $w) async", "(param i64) (result i32)", wait('(param "t" u64)')).replaceAll(
      "wait-for",
      "wait-long",
    );
    await expect(linked(text, hostLookup)).rejects.toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringContaining("wasi:clocks/monotonic-clock@0.3.0#wait-long, which this host does not have"),
      }),
    );
  });
});

/** Compound types have to be defined before a stream of them. */
function inner(type: string): string {
  const element = /^\(stream ?(.*)\)$/.exec(type)![1]!;
  return element.startsWith("(") ? element : "(tuple u8)";
}

function outer(type: string): string {
  return inner(type) === "(tuple u8)" ? type : "(stream $s0)";
}
