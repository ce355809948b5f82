import { expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { hostLookup } from "../../wasm/host/index.ts";
import { prepare } from "../../wasm/prepare/index.ts";
import { wat } from "../../wasm/testkit/index.ts";
import { failureText } from "./failure.ts";

/** Names that move the cursor, begin lines, and turn the direction of writing. */
const hostile = "a\\1b[31mred\\0abandstand: all is well\\c2\\9b2J\\e2\\80\\aeevil\\0d";

async function refusal(text: string, change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes): Promise<string> {
  const bytes = change(await wat(text));
  try {
    prepare(bytes, hostLookup, "request");
    return "taken\n";
  } catch (error) {
    return failureText(error);
  }
}

it("says in one line what a guest names, whatever that is", async () => {
  const long = "x".repeat(5000);
  const texts = [
    await refusal(`(module (import "${hostile}" "${hostile}" (func)) (func (export "_start")))`),
    await refusal(`(module (import "env" "${long}" (func)) (func (export "_start")))`),
    await refusal(`(module (func $f (export "${hostile}")) (func (export "_start") (param i32)))`),
    await refusal(
      `(component (core module $m (func (export "${hostile}")) (func (export "${hostile}\\01"))) (core instance $i (instantiate $m)) (core module $n (import "${hostile}" "f" (func))) (core instance (instantiate $n)))`,
    ).catch(String),
    await refusal(
      `(module (import "wasi" "thread-spawn" (func (param i32) (result i32))) (import "env" "memory" (memory 1 1 shared)) (func (export "_start")))`,
    ),
    await refusal(
      `(module (import "wasm:js-string" "length" (func (param externref) (result i32))) (func (export "_start")))`,
    ),
    await refusal(
      `(component (import "fermyon:spin/llm@2.0.0" (instance $i (export "infer" (func (result u32))) (export "embed" (func (result u32))))) (core func $f (canon lower (func $i "infer"))) (core func $g (canon lower (func $i "embed"))) (core module $m (import "x" "f" (func (result i32))) (import "x" "g" (func (result i32)))) (core instance $x (export "f" (func $f)) (export "g" (func $g))) (core instance (instantiate $m (with "x" (instance $x)))))`,
    ),
    await refusal(`(module (func (export "_start")))`, (bytes) => bytes.subarray(0, 4)),
    await refusal(`(module (func (export "_start")))`, (bytes) => bytes.subarray(0, 6)),
    failureText(
      new BandstandError("build-failed", "clang says:\nmain.c:1: error\u001b[31m\u009b", {
        remedy: "Mend\u001b[1m it.",
      }),
    ),
    failureText(new BandstandError("state-refused", "/tmp/a\nbandstand: b\u202e is not ours")),
  ];
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  await expect(texts.join("")).toMatchFileSnapshot("golden/failures.txt");
});

/** Modules that no assembler here knows: sections of one function, and what stands in it or before it. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
const start = [...section(3, [1, 0]), ...section(7, [1, 6, ...Buffer.from("_start"), 0, 0])];
const body = (code: number[]) => section(10, [1, code.length + 2, 0, ...code, 0x0b]);

it.each([
  [
    "wide arithmetic",
    [...section(1, [1, 0x60, 0, 0]), ...start, ...body([0x42, 0, 0x42, 0, 0x42, 0, 0x42, 0, 0xfc, 0x13, 0x1a, 0x1a])],
  ],
  ["stack switching", section(1, [2, 0x60, 0, 0, 0x5d, 0])],
  ["memories with pages of another size", section(5, [1, 8, 1, 0])],
  ["types and objects that threads share", section(1, [1, 0x65, 0x5f, 0])],
  [
    "control over pages of memory",
    [
      ...section(1, [1, 0x60, 0, 0]),
      ...section(3, [1, 0]),
      ...section(5, [1, 0, 1]),
      ...body([0x41, 0, 0x41, 0, 0xfc, 0x12, 0]),
    ],
  ],
])("names what V8 does not have on, by itself and in a component: %s", (what, bytes) => {
  const module = [...header, ...bytes];
  const component = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...section(1, module), ...section(2, [1, 0, 0, 0])];
  for (const each of [module, component]) {
    expect(() => prepare(Uint8Array.from(each), hostLookup, "request")).toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringContaining(`it uses ${what}, which`),
      }),
    );
  }
});

it.each([
  ["maximum memory size (281474976710656 pages)", section(5, [1, 5, 0, ...Array<number>(6).fill(0x80), 0x40])],
  ["initial table size (20971520 elements)", section(4, [1, 0x70, 0, 0x80, 0x80, 0x80, 0x0a])],
])("says what is more than V8 takes, by itself and in a component: %s", (what, bytes) => {
  const module = [...header, ...bytes];
  const component = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...section(1, module), ...section(2, [1, 0, 0, 0])];
  for (const each of [module, component]) {
    expect(() => prepare(Uint8Array.from(each), hostLookup, "request")).toThrow(
      expect.objectContaining({
        code: "component-unsupported",
        message: expect.stringMatching(/^it is more than V8 [^ ]* takes: [mi]/),
      }),
    );
    expect(() => prepare(Uint8Array.from(each), hostLookup, "request")).toThrow(what);
  }
});
