import { expect, test } from "vitest";
import { hostLookup } from "../host/index.ts";
import { isModuleManifest, type Manifest } from "../link/index.ts";
import { prepare, type Prepared } from "./index.ts";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (value: string) => [value.length, ...Buffer.from(value)];
const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
/** `() -> ()` and `() -> i32`. */
const typed = section(1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]);
const of = (bytes: Uint8Array, isolation: "request" | "reuse" = "reuse"): Prepared =>
  prepare(bytes, hostLookup, isolation);
const refusal = (bytes: Uint8Array): unknown => {
  try {
    return of(bytes);
  } catch (error) {
    return error;
  }
};

/** A module with functions that it imports, and one of its own that it exports. @param type of the imports: 0 or 1. */
function moduleOf(imports: [string, string][], exported: string, type = 1): Uint8Array {
  const entries = imports.flatMap(([module, name]) => [...text(module), ...text(name), 0, type]);
  return Uint8Array.from([
    ...header,
    ...typed,
    ...section(2, [imports.length, ...entries]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text(exported), 0, imports.length]),
    ...section(10, [1, 2, 0, 0x0b]),
  ]);
}

test("a command of WASI 0.1 is taken, of the draft before too, and a library that is only set up", () => {
  for (const from of ["wasi_snapshot_preview1", "wasi_unstable"]) {
    for (const start of ["_start", "_initialize"]) {
      const { manifest } = of(moduleOf([[from, "sched_yield"]], start), "request");
      expect(isModuleManifest(manifest as Manifest)).toBe(true);
    }
  }
});

test("a start function may answer a value, which is left alone, and takes nothing", () => {
  const starts = (type: number) =>
    Uint8Array.from([
      ...header,
      ...section(1, [2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f]),
      ...section(3, [1, type]),
      ...section(7, [1, ...text("_start"), 0, 0]),
      ...section(10, [1, 4, 0, 0x41, 7, 0x0b]),
    ]);
  expect(isModuleManifest(of(starts(0), "request").manifest as Manifest)).toBe(true);
  expect(refusal(starts(1))).toMatchObject({ message: "its _start is (i32) -> i32: it takes nothing in WASI" });
});

test("a library that is a command by its function without a name is set up, and then runs", () => {
  const module = Uint8Array.from([
    ...header,
    ...typed,
    ...section(3, [2, 0, 0]),
    ...section(7, [2, ...text(""), 0, 0, ...text("_initialize"), 0, 1]),
    ...section(10, [2, 2, 0, 0x0b, 2, 0, 0x0b]),
  ]);
  const { manifest } = of(module, "request");
  expect((manifest as Manifest).exports[0]?.core.name).toBe("");
  expect((manifest as Manifest).steps.at(-1)).toEqual({ kind: "call", function: { instance: 0, name: "_initialize" } });
  expect(isModuleManifest(manifest as Manifest)).toBe(true);
});

test("what Emscripten's modules for any host say of their memory is taken, and nothing else of Emscripten's", () => {
  const growing = (name: string) =>
    Uint8Array.from([
      ...header,
      ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
      ...section(2, [1, ...text("env"), ...text(name), 0, 1]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...text("_start"), 0, 1]),
      ...section(10, [1, 6, 0, 0x41, 0, 0x10, 0, 0x0b]),
    ]);
  expect(isModuleManifest(of(growing("emscripten_notify_memory_growth"), "request").manifest as Manifest)).toBe(true);
  expect(refusal(growing("emscripten_resize_heap"))).toMatchObject({ code: "component-unsupported" });
});

test("imports that nobody has are all named", () => {
  const module = moduleOf(
    [
      ["env", "magic"],
      ["gl", "draw"],
    ],
    "_start",
  );
  expect(refusal(module)).toMatchObject({
    code: "component-unsupported",
    message: "it imports what is not WASI 0.1: env#magic, gl#draw",
  });
  const many = Array.from({ length: 9 }, (_, i): [string, string] => ["env", `f${i}`]);
  expect(refusal(moduleOf(many, "_start"))).toMatchObject({ message: expect.stringMatching(/f7 and 1 more$/) });
  expect(refusal(moduleOf([["wasi_snapshot_preview1", "sock_open"]], "_start"))).toMatchObject({
    message: "it imports wasi_snapshot_preview1#sock_open, which WASI 0.1 does not have",
    remedy: expect.stringContaining("wasm32-wasip2"),
  });
});

/** A module that imports memories by these names, shared or not, and has one of its own. */
function withMemories(names: [string, string][], flags: number, own = false): Uint8Array {
  const imports = names.flatMap(([module, name]) => [...text(module), ...text(name), 2, flags, 2, 3]);
  return Uint8Array.from([
    ...header,
    ...typed,
    ...section(2, [names.length, ...imports]),
    ...section(3, [1, 0]),
    ...(own ? section(5, [1, 0, 1]) : []),
    ...section(7, [1, ...text("_start"), 0, 0]),
    // It writes to the end of the first.
    ...section(10, [1, 11, 0, 0x41, 0xfc, 0xff, 0x07, 0x41, 1, 0x36, 2, 0, 0x0b]),
  ]);
}

test.each([
  ["a memory", 1],
  ["a shared memory, which nobody shares", 3],
])("a module that imports %s gets one, with marks where it is reset", (_, flags) => {
  for (const isolation of ["reuse", "request"] as const) {
    const { manifest, modules } = of(withMemories([["env", "memory"]], flags, true), isolation);
    const { memories, steps, reset } = manifest as Manifest;
    expect(reset).toBe(isolation === "request");
    expect(memories).toEqual([
      { minimum: 2, maximum: 3, ...(reset && { data: [] }) },
      { minimum: 1, maximum: undefined, ...(reset && { data: [] }) },
    ]);
    expect(modules.every((module) => WebAssembly.validate(module as never))).toBe(true);
    const [step] = steps as [Extract<Manifest["steps"][number], { kind: "instantiate" }>];
    const supplied = step.imports.map(({ module, name, source }) => [module, name, source]);
    const marked = [0, 1].map((memory) => ["bandstand", `marks${memory}`, { kind: "marks", memory }]);
    expect(supplied).toEqual([
      ["env", "memory", { kind: "supplied", memory: 0 }],
      ["bandstand", "memory0", { kind: "supplied", memory: 1 }],
      ...(reset ? marked : []),
    ]);
  }
});

test("memories by one name, or by WASI's, are refused", () => {
  expect(refusal(withMemories([["env", "m"], ["env", "m"]], 1))).toMatchObject({ message: expect.stringContaining("two memories by one name") }); // prettier-ignore
  expect(refusal(withMemories([["wasi_snapshot_preview1", "fd_read"]], 1))).toMatchObject({ message: expect.stringContaining("wasi_snapshot_preview1#fd_read") }); // prettier-ignore
});

test("threads, halves of components and functions of none say so", () => {
  const remedyOf = (from: string) => (refusal(moduleOf([[from, "f"]], "_start")) as { remedy: string }).remedy;
  expect(remedyOf("wasi")).toContain("Threads");
  expect(remedyOf("wasi:cli/environment@0.2.0")).toContain("component new");
  expect(refusal(moduleOf([["wasi_snapshot_preview1", "sched_wield"]], "_start"))).toMatchObject({
    message: "it imports wasi_snapshot_preview1#sched_wield, which WASI 0.1 does not have",
  });
  expect(refusal(moduleOf([["wasi_unstable", "sock_accept"]], "_start"))).toMatchObject({
    message: expect.stringContaining("does not have"),
  });
});

test("a function of WASI with another type is refused", () => {
  expect(refusal(moduleOf([["wasi_snapshot_preview1", "sched_yield"]], "_start", 0))).toMatchObject({
    code: "component-unsupported",
    message: "it imports wasi_snapshot_preview1#sched_yield as () -> nothing, and it is () -> i32",
  });
});

test("a module that does not start is no command", () => {
  expect(refusal(moduleOf([], "f"))).toMatchObject({ message: expect.stringMatching(/exports no function _start/) });
});

test("a file that ends too early is said to be no valid module, with the reason", () => {
  const whole = moduleOf([["wasi_snapshot_preview1", "sched_yield"]], "_start");
  for (let size = header.length + 1; size < whole.length; size++) {
    // Where a section ends just there, it is a module, of less.
    expect(refusal(whole.subarray(0, size))).toMatchObject({
      code: expect.stringMatching(/^component-(?:malformed|unsupported)$/),
    });
  }
  expect(refusal(whole.subarray(0, whole.length - 1))).toMatchObject({
    message: expect.stringMatching(/^it is no valid .+@\+\d+/),
  });
});
