import { describe, expect, it } from "vitest";
import { wat } from "../testkit/index.ts";
import { decodeComponent, limits, Writer } from "./index.ts";

const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

describe("decodeComponent", () => {
  it("reads every kind of definition", async () => {
    const component = decodeComponent(
      await wat(`(component
        (type $point (record (field "x" u32) (field "y" (list string))))
        (type $all (variant (case "a" (tuple u8 s64)) (case "b") (case "c" (option (result $point (error char))))))
        (type (flags "r" "w")) (type (enum "on" "off")) (type $r (resource (rep i32)))
        (type (func (param "p" (own $r)) (param "q" (borrow $r)) (result $all)))
        (import "wasi:a/b@0.2.0" (instance $i (type $t u32) (export "t" (type (eq $t))) (export "r" (type $sub (sub resource))) (export "f" (func (param "x" $t)))))
        (core type (module (import "a" "b" (func)) (export "m" (memory 1))))
        (core module $m (func (export "f") (param i32)) (memory (export "memory") 1))
        (core instance $c (instantiate $m))
        (alias export $i "f" (func $f))
        (core func $low (canon lower (func $f)))
        (core func (canon resource.drop $r))
        (core instance (export "low" (func $low)))
        (func $lifted (param "x" u32) (canon lift (core func $c "f")))
        (component $inner (import "f" (func (param "x" u32))) (alias outer 1 $all (type)))
        (instance (instantiate $inner (with "f" (func $lifted))))
        (instance $bag (export "f" (func $lifted)))
        (export "wasi:c/d@0.2.0" (instance $bag)))`),
    );
    expect(new Set(component.definitions.map(({ kind }) => kind))).toEqual(
      new Set([
        "type", "import", "core-type", "core-module", "core-instance", "core-bag", "alias-export", "alias-core-export",
        "lower", "resource", "lift", "component", "instance", "bag", "export",
      ]), // prettier-ignore
    );
  });

  it.each([
    ["an empty file", [], /byte 0, header: expected WebAssembly/],
    ["a core module", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], /byte 0, header: this is a core module, a component is due/],
    [
      "another format version",
      [0, 0x61, 0x73, 0x6d, 0x0a, 0, 1, 0],
      /byte 4, header: expected the component format 0d 00 01 00, got 0a 00 01 00/,
    ],
    ["a section of no component", [...header, 99, 0], /byte 8, header: expected a section of a component, got id 99/],
    [
      "a truncated section",
      [...header, 7, 200, 1, 1],
      /byte 11, header: expected 200 bytes of type section, got only 1/,
    ],
    ["a type of no kind", [...header, 7, 2, 1, 0x01], /byte 11, type section: expected a type, got 0x1/],
    [
      "a name that is not UTF-8",
      [...header, 10, 6, 1, 0, 1, 0xff, 5, 0],
      /byte 12, import section: expected a name in UTF-8/,
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeComponent(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({
        code: "component-malformed",
        message: expect.stringMatching(message),
        name: "BandstandError",
      }),
    );
  });

  it("tells how a core module becomes a component", () => {
    expect(() => decodeComponent(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining("bandstand build") }),
    );
  });

  it("refuses components nested too deep", () => {
    let inner = Uint8Array.from(header);
    for (let depth = 0; depth <= limits.nesting; depth++) {
      inner = Uint8Array.from(new Writer().raw(Uint8Array.from(header)).u8(4).u32(inner.length).raw(inner).view());
    }
    expect(() => decodeComponent(inner)).toThrow(/at most 32 components within each other/);
  });

  // There could be as many of them as a number says, in no memory at all.
  it.each([
    ["a record", [0x72, 0]],
    ["a tuple", [0x6f, 0]],
    ["a variant", [0x71, 0]],
    ["flags", [0x6e, 0]],
    ["an enumeration", [0x6d, 0]],
    ["a list of a fixed length", [0x67, 0x7f, 0]],
  ])("refuses types of values that are nothing: %s", (_, type) => {
    const bytes = Uint8Array.from([...header, 7, type.length + 1, 1, ...type]);
    expect(() => decodeComponent(bytes)).toThrow(
      expect.objectContaining({ code: "component-malformed", message: expect.stringContaining("at least") }),
    );
  });

  it("refuses types nested too deep", () => {
    const levels = 3000;
    const content = [1, ...Array.from({ length: levels }, () => [0x42, 1, 0x01]).flat(), 0x42, 0];
    const section = new Writer().raw(Uint8Array.from(header)).u8(7).u32(content.length).raw(Uint8Array.from(content));
    expect(() => decodeComponent(Uint8Array.from(section.view()))).toThrow(/at most 100 levels of nesting/);
  });

  it("reads every built-in of the asynchronous ABI", async () => {
    const bytes = await wat(`(component
      (core module $m (memory (export "m") 1)) (core instance $m (instantiate $m)) (alias core export $m "m" (core memory $mem))
      (type $s (stream u8)) (type $f (future (result string)))
      (core func (canon task.return (result u32) (memory $mem))) (core func (canon task.cancel))
      (core func (canon context.get i32 0)) (core func (canon context.set i32 1)) (core func (canon thread.yield))
      (core func (canon backpressure.inc)) (core func (canon backpressure.dec))
      (core func (canon subtask.cancel async)) (core func (canon subtask.drop))
      (core func (canon stream.new $s)) (core func (canon stream.read $s (memory $mem) async))
      (core func (canon stream.cancel-write $s)) (core func (canon future.drop-readable $f))
      (core func (canon waitable-set.new)) (core func (canon waitable-set.wait cancellable (memory $mem)))
      (core func (canon waitable-set.drop)) (core func (canon waitable.join)))`);
    const found = decodeComponent(bytes).definitions.flatMap((each) => (each.kind === "built-in" ? [each] : []));
    expect(
      found.map(({ name, type, result, options, cancellable, slot }) =>
        [name, type, result, options.async, options.memory, cancellable, slot].join(" "),
      ),
    ).toEqual([
      "task.return  u32 false 0 false 0",
      "task.cancel   false  false 0",
      "context.get   false  false 0",
      "context.set   false  false 1",
      "thread.yield   false  false 0",
      "backpressure.inc   false  false 0",
      "backpressure.dec   false  false 0",
      "subtask.cancel   true  false 0",
      "subtask.drop   false  false 0",
      "stream.new 0  false  false 0",
      "stream.read 0  true 0 false 0",
      "stream.cancel-write 0  false  false 0",
      "future.drop-readable 2  false  false 0",
      "waitable-set.new   false  false 0",
      "waitable-set.wait   false 0 true 0",
      "waitable-set.drop   false  false 0",
      "waitable.join   false  false 0",
    ]);
  });

  it("refuses threads by name", () => {
    const bytes = Uint8Array.from([...header, 8, 4, 1, 0x27, 0, 0]);
    expect(() => decodeComponent(bytes)).toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringContaining("thread.new-indirect"),
      }),
    );
  });
});
