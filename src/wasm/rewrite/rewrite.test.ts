import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { CoreModule } from "../binary/index.ts";
import { decodeModule, Writer } from "../binary/index.ts";
import { arm, wat } from "../testkit/index.ts";
import { declaredHints, hintSection } from "./hints.ts";
import { added, rewrite } from "./index.ts";
import { tableGrowth } from "./limits.ts";

async function rewritten(text: string): Promise<CoreModule> {
  return decodeModule(rewrite(decodeModule(await wat(text))));
}

describe("rewrite", () => {
  it("makes own memories imports, behind the others and without a maximum", async () => {
    const module = await rewritten(`(module
      (import "env" "memory" (memory 1 2)) (import "env" "f" (func)) (memory 3 4) (memory 5)
      (func (export "f") (i32.store 1 (i32.const 0) (i32.load 2 (i32.const 0)))))`);
    expect(module.memories.map(({ minimum, maximum }) => [minimum, maximum])).toEqual([
      [1, undefined],
      [3, undefined],
      [5, undefined],
    ]);
    expect(module.importedMemories).toBe(3);
    expect(module.imports.map(({ module: from, name }) => `${from}.${name}`)).toEqual([
      "env.memory",
      "env.f",
      "bandstand.memory0",
      "bandstand.memory1",
    ]);
    expect(() => new WebAssembly.Module(module.bytes)).not.toThrow();
  });

  it("bounds tables, and keeps a lower maximum", async () => {
    const module = await rewritten(
      `(module (import "e" "t" (table 1 funcref)) (table 10 funcref) (table 2 3 externref) (table 0 funcref))`,
    );
    const [imported, free, bounded, empty] = module.tables;
    expect(imported!.maximum).toBeUndefined();
    expect(bounded!.maximum).toBe(3);
    expect(free!.maximum! + empty!.maximum!).toBeLessThanOrEqual(10 + tableGrowth);
    expect(empty!.maximum).toBeGreaterThan(20_000);
  });

  it("leaves all indices as they were", async () => {
    const text = `(module (type $t (func (param i32) (result i32))) (import "e" "f" (func $i (type $t)))
      (global $g (export "g") (mut i32) (i32.const 3)) (table $tab (export "tab") 2 funcref) (elem (i32.const 0) func $own $i)
      (func $own (export "own") (type $t) (i32.add (local.get 0) (global.get $g)))
      (func (export "run") (result i32) (call_indirect (type $t) (i32.const 4) (i32.const 0))))`;
    const module = decodeModule(await wat(text));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewrite(module)), { e: { f: () => 0 } });
    arm(exports);
    expect((exports["run"] as () => number)()).toBe(7);
    expect(decodeModule(rewrite(module)).exports.slice(0, 4)).toEqual(module.exports);
  });

  it("puts a memory of marks beside each memory, behind all of them, and exports what keeps and restores", async () => {
    const module = decodeModule(
      rewrite(
        decodeModule(
          await wat(`(module (import "env" "memory" (memory 1)) (memory 2) (global (mut f64) (f64.const 1)))`),
        ),
        {
          reset: true,
        },
      ),
    );
    expect(module.imports.map(({ module: from, name }) => `${from}.${name}`)).toEqual([
      "env.memory",
      "bandstand.memory0",
      "bandstand.marks0",
      "bandstand.marks1",
    ]);
    expect(module.exports.map(({ name }) => name)).toEqual([added.arm, added.count, added.keep, added.restore]);
    expect(() => new WebAssembly.Module(module.bytes)).not.toThrow();
  });

  it.each([
    [`(module (import "bandstand" "marks0" (memory 17)))`, /imports from "bandstand"/],
    [`(module (func (export "bandstand:keep")))`, /exports a name that begins with bandstand:/],
  ])("refuses a module that reaches for what is added: %s", async (text, message) => {
    const module = decodeModule(await wat(text));
    expect(() => rewrite(module, { reset: true })).toThrow(
      expect.objectContaining({ code: "component-unsupported", message: expect.stringMatching(message) }),
    );
  });

  it("keeps only the exports that are used", async () => {
    const module = decodeModule(await wat(`(module (func (export "a")) (func (export "b")) (func (export "c")))`));
    const { exports } = decodeModule(rewrite(module, { keepExports: new Set(["b"]) }));
    expect(exports.map(({ name }) => name)).toEqual(["b", added.arm, added.count]);
  });

  it("works on modules that lack nearly every section", async () => {
    for (const text of [
      "(module)",
      "(module (func))",
      "(module (memory 1))",
      `(module (import "a" "b" (func)) (start 0))`,
    ]) {
      expect(
        () => new WebAssembly.Module(rewrite(decodeModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)))),
      ).not.toThrow();
      const module = await rewritten(text);
      expect(() => new WebAssembly.Module(module.bytes), text).not.toThrow();
      expect(module.exports.map(({ name }) => name)).toContain(added.arm);
    }
  });

  it("moves the module's own branch hints along and adds its own", async () => {
    const plain = await wat(
      `(module (func (param i32) (loop (if (local.get 0) (then (nop))) (br_if 0 (local.get 0)))))`,
    );
    const module = decodeModule(plain);
    const body = module.bodies[0]!;
    const ifAt = plain.indexOf(0x04, body.start) - body.start;
    const content = new Writer().name(hintSection).u32(1).u32(0).u32(1).u32(ifAt).u32(1).u8(1);
    const code = module.sections.find(({ id }) => id === 10)!;
    const hinted = new Writer().raw(plain.subarray(0, code.header)).u8(0).u32(content.length).raw(content.view());
    const result = decodeModule(rewrite(decodeModule(Uint8Array.from(hinted.raw(plain.subarray(code.header)).view()))));
    const pairs = declaredHints(result).get(0)!;
    // Its own before the loop, ours at its header, its own as often as it stands there.
    expect(pairs.filter((_, i) => i % 2 === 1)).toEqual([1, 0, 1, 1, 1]);
    const opcodes = pairs.filter((_, i) => i % 2 === 0).map((offset) => result.bytes[result.bodies[0]!.start + offset]);
    expect(opcodes).toEqual([0x04, 0x0d, 0x04, 0x04, 0x04]);
  });

  it("hints at a check at an entry only where the function is short and calls itself", async () => {
    const long = "(drop (i32.const 1000000))".repeat(120);
    const module = await rewritten(`(module (import "a" "b" (func $out)) (table funcref (elem $once))
      (func $once (call $out) (call $out))
      (func $fib (param i32) (result i32) (if (result i32) (local.get 0) (then (call $fib (local.get 0))) (else (i32.const 1))))
      (func $itself ${long} (call $itself)))`);
    const checks = (own: number) => Buffer.from(module.bytes).indexOf(0x24, module.bodies[own]!.start) > 0;
    expect([0, 1, 2].map(checks)).toEqual([true, true, true]);
    expect([...declaredHints(module).keys()]).toEqual([2]);
  });

  it("keeps names and drops sections whose code offsets are wrong now", async () => {
    const plain = await wat(`(module $named (func $f))`);
    const debug = new Writer().name(".debug_info").u32(1234);
    const bytes = Uint8Array.from(new Writer().raw(plain).u8(0).u32(debug.length).raw(debug.view()).view());
    const module = decodeModule(rewrite(decodeModule(bytes)));
    expect(module.name).toBe("named");
    expect(module.sections.map(({ name }) => name)).not.toContain(".debug_info");
  });

  it("takes real modules, and the engine takes the result", async () => {
    const folder = fileURLToPath(new URL("../obj/", import.meta.resolve("@bytecodealliance/jco")));
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".wasm"))) {
      const bytes = new Uint8Array(await readFile(join(folder, name)));
      const result = rewrite(decodeModule(bytes));
      expect(() => new WebAssembly.Module(result), name).not.toThrow();
      // Bodies of short loops stand there four times; a small module may be full of them.
      expect(result.length, name).toBeLessThan(bytes.length * 1.2 + 1000);
      const marked = rewrite(decodeModule(bytes), { reset: true });
      expect(() => new WebAssembly.Module(marked), name).not.toThrow();
      expect(marked.length, name).toBeLessThan(bytes.length * 1.5);
    }
  });

  it.each([
    ["an unknown instruction", [0x27], /expected a known instruction, got 0x27/],
    ["a prefix without instruction", [0xfc, 0xff, 0x7f], /expected a known instruction, got 0xfc 16383/],
    ["code behind its end", [0x0b, 0x01], /expected the end of the function/],
    ["code without its end", [0x02, 0x40], /expected the end of the function/],
  ])("refuses %s", (_, code, message) => {
    const body = [0, ...code, 0x0b];
    const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10];
    const bytes = Uint8Array.from([...head, body.length + 2, 1, body.length, ...body]);
    expect(() => rewrite(decodeModule(bytes))).toThrow(
      expect.objectContaining({ code: "component-malformed", message: expect.stringMatching(message) }),
    );
  });
});
