import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { usualCounts } from "../../../../model/plan/index.ts";
import { builtIn } from "../../../async/index.ts";
import type { BuiltInName } from "../../../binary/index.ts";
import { openGrants, type GrantedFiles } from "../../../files/index.ts";
import { ComponentScope } from "../../component.ts";
import { Guest } from "../../guest.ts";
import { GuestMemory } from "../../memory.ts";
import { filesystem } from "./index.ts";
import { doneElement, entryElement } from "./values.ts";

const functions = {
  ...filesystem["wasi:filesystem/types"]!.functions,
  ...filesystem["wasi:filesystem/preopens"]!.functions,
};
const [params, result] = [512, 1024];
const [completed, dropped, blocked] = [0, 1, -1];
const [returned, other] = [2, 36];
const errors = {
  access: 0,
  badDescriptor: 2,
  exist: 6,
  invalid: 11,
  isDirectory: 13,
  noEntry: 19,
  notDirectory: 23,
  notPermitted: 30,
  readOnly: 32,
};

let folder: string;
let files: GrantedFiles;
let guest: Guest;
let memory: GuestMemory;
let root: number;
let readOnly: number;
let top: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bandstand-filesystem3-"));
  files = openGrants(
    [
      { host: folder, guest: "/", readOnly: false },
      { host: folder, guest: "/r", readOnly: true },
    ],
    () => 1000,
  );
  guest = new Guest(new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger: {} } as never));
  guest.directories = files.directories;
  guest.entry = "waiting";
  top = 4096;
  const realloc = (_old: number, _oldSize: number, align: number, size: number): number => {
    const at = Math.ceil(top / align) * align;
    top = at + size;
    return at;
  };
  memory = new GuestMemory(guest, { memory: new WebAssembly.Memory({ initial: 64 }), realloc });
  const preopens = functions["get-directories"]!.bind(guest, memory) as (result: number) => void;
  preopens(result);
  const list = u32(0);
  [root, readOnly] = [memory.view.getUint32(list, true), memory.view.getUint32(list + 12, true)];
});

afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true });
});

type Argument = number | bigint | string;

const u8 = (at: number) => memory.view.getUint8(result + at);
const u32 = (at: number) => memory.view.getUint32(result + at, true);
const u64 = (at: number) => memory.view.getBigUint64(result + at, true);

function flat(args: readonly Argument[]): (number | bigint)[] {
  return args.flatMap((each) => {
    if (typeof each !== "string") return [each];
    const bytes = Buffer.from(each);
    const at = memory.allocate(bytes.length, 1);
    memory.bytes.set(bytes, at);
    return [at, bytes.length];
  });
}

/** Calls a method as a plain lower does; answers "ok" or the number of the error. */
function call(name: string, payload: number, ...args: Argument[]): "ok" | number {
  // What a function leaves as it was must not look as if it had written it.
  memory.bytes.fill(0xaa, result, result + 128);
  const found = functions[`[method]descriptor.${name}`]!;
  const all = [...flat(args), result];
  expect(all.map((each) => (typeof each === "bigint" ? "i64" : "i32"))).toEqual(found.params);
  expect(found.bind(guest, memory)(...(all as never[]))).toBeUndefined();
  return u8(0) === 0 ? "ok" : u8(payload);
}

/** Calls a function that answers handles. */
function handles(name: string, ...args: Argument[]): unknown {
  const all = flat(args) as never[];
  return functions[`[method]descriptor.${name}`]!.bind(guest, memory)(...all);
}

function open(path: string, openFlags: number, flags: number, from = root): number {
  expect(call("open-at", 4, from, 1, path, openFlags, flags)).toBe("ok");
  return u32(4);
}

function use(
  name: BuiltInName,
  element = { size: 1, align: 1, plain: true } as { size: number; align: 1 | 4; plain: boolean },
) {
  const plan = {
    kind: "built-in",
    name,
    element,
    async: true,
    cancellable: false,
    slot: 0,
    params: [],
    results: [],
  } as const;
  return builtIn({ ...plan, params: [], results: [] }, guest, memory) as (...args: number[]) => number;
}

const done = { ...doneElement, align: 4 as const };
/** "ok", or the number of the error that a future came to. */
function future(handle: number): "ok" | number | "later" {
  memory.bytes.fill(0xaa, result, result + 32);
  const state = use("future.read", done)(handle, result);
  if (state === blocked) return "later";
  expect(state).toBe(completed);
  use("future.drop-readable", done)(handle);
  return u8(0) === 0 ? "ok" : u8(4);
}

function read(handle: number, most = 65_536): string {
  let text = "";
  for (;;) {
    const at = memory.allocate(most, 1);
    const state = use("stream.read")(handle, at, most);
    text += memory.slice(at, state >>> 4).toString();
    if ((state & 15) === dropped) break;
  }
  use("stream.drop-readable")(handle);
  return text;
}

const [create, exclusive] = [1, 4];
const [forReading, forWriting] = [1, 2];

describe("files", () => {
  it("are read as streams from a place on, with a future that says how it ended", () => {
    writeFileSync(join(folder, "a"), "hello");
    const file = open("a", 0, forReading);
    handles("read-via-stream", file, 2n, result);
    const [stream, end] = [u32(0), u32(4)];
    guest.handles.drop(file, "descriptor");
    expect(future(end)).toBe("later");
    use("future.cancel-read", done)(end);
    expect(read(stream, 2)).toBe("llo");
    expect(future(end)).toBe("ok");
    handles("read-via-stream", open("a", 0, forReading), 99n, result);
    expect(read(u32(0))).toBe("");
    handles("read-via-stream", open("a", 0, forReading), -1n, result);
    const wrong = [u32(0), u32(4)] as const;
    expect([read(wrong[0]), future(wrong[1])]).toEqual(["", errors.invalid]);
    handles("read-via-stream", root, 0n, result);
    const directory = [u32(0), u32(4)] as const;
    // Who waits for the future before it reads anything gets it too.
    expect([future(directory[1]), read(directory[0])]).toEqual([errors.isDirectory, ""]);
  });

  it("are written as streams at a place or at their end", () => {
    const file = open("a", create | exclusive, forReading | forWriting);
    const write = (text: string, name: "write-via-stream" | "append-via-stream", ...offset: bigint[]) => {
      const both = builtIn(
        { kind: "built-in", name: "stream.new", element: { size: 1, align: 1, plain: true }, async: false, cancellable: false, slot: 0, params: [], results: [] },
        guest,
        memory,
      ) as () => bigint; // prettier-ignore
      const pair = both();
      const [reader, writer] = [Number(pair & 0xffff_ffffn), Number(pair >> 32n)];
      const end = handles(name, file, reader, ...offset) as number;
      const [at, size] = flat([text]) as [number, number];
      const state = use("stream.write")(writer, at, size);
      use("stream.drop-writable")(writer);
      return [state & 15, state >>> 4, future(end)];
    };
    expect(write("hello", "write-via-stream", 1n)).toEqual([completed, 5, "ok"]);
    expect(write("!!", "append-via-stream")).toEqual([completed, 2, "ok"]);
    expect(readFileSync(join(folder, "a"), "latin1")).toBe("\0hello!!");
    const [, , failure] = write("x", "write-via-stream", 2n ** 63n);
    expect(failure).toBe(errors.invalid);
    expect(call("sync", 4, file)).toBe("ok");
    expect(call("advise", 4, file, 0n, 0n, 5)).toBe("ok");
    expect(call("set-size", 4, file, 2n)).toBe("ok");
    expect(statSync(join(folder, "a")).size).toBe(2);
  });

  it("go from one to the other without the guest", async () => {
    writeFileSync(join(folder, "a"), "x".repeat(200_000));
    handles("read-via-stream", open("a", 0, forReading), 0n, result);
    const stream = u32(0);
    const end = handles("write-via-stream", open("b", create, forWriting), stream, 0n) as number;
    expect(use("future.read", done)(end, result)).toBe(blocked);
    await expect.poll(() => readFileSync(join(folder, "b"), "latin1").length).toBe(200_000);
    await expect.poll(() => u8(0)).toBe(0);
  });
});

describe("directories", () => {
  it("are read as streams of entries, in as many reads as it takes", () => {
    mkdirSync(join(folder, "d"));
    for (const name of ["å", "b", "c"]) writeFileSync(join(folder, name), "");
    handles("read-directory", root, result);
    const [stream, end] = [u32(0), u32(4)];
    const entry = { ...entryElement, align: 4 as const };
    const seen: string[] = [];
    for (;;) {
      const at = memory.allocate(48, 4);
      const state = use("stream.read", entry)(stream, at, 2);
      for (let i = 0; i < state >>> 4; i++) {
        const [name, size] = [16, 20].map((each) => memory.view.getUint32(at + i * 24 + each, true));
        seen.push(`${memory.view.getUint8(at + i * 24)} ${memory.text(name!, size!)}`);
      }
      if ((state & 15) === dropped) break;
    }
    expect(seen.toSorted()).toEqual(["2 d", "5 b", "5 c", "5 å"]);
    use("stream.drop-readable", entry)(stream);
    expect(future(end)).toBe("ok");
    writeFileSync(join(folder, "f"), "");
    handles("read-directory", open("f", 0, forReading), result);
    const [none, failure] = [u32(0), u32(4)];
    expect(use("stream.read", entry)(none, 2048, 1)).toBe(dropped);
    expect(future(failure)).toBe(errors.notDirectory);
  });

  it("answer errors by their number, and what has none by its name", () => {
    expect(call("stat-at", 8, root, 0, "none")).toBe(errors.noEntry);
    expect(call("open-at", 4, root, 0, "../x", 0, 1)).toBe(errors.notPermitted);
    expect(call("create-directory-at", 4, readOnly, "d")).toBe(errors.readOnly);
    expect(call("unlink-file-at", 4, root, "none")).toBe(errors.noEntry);
    writeFileSync(join(folder, "a"), "");
    expect(call("link-at", 4, root, 1, "a", root, "b")).toBe(errors.invalid);
    let code: "ok" | number = "ok";
    for (let i = 0; code === "ok" && i < 1001; i++) code = call("open-at", 4, root, 0, "a", 0, 1);
    expect([code, u8(8)]).toEqual([other, 1]);
    expect(memory.text(u32(12), u32(16))).toBe("too-many-open-files");
  });

  it("tell times before 1970 too", () => {
    writeFileSync(join(folder, "a"), "");
    expect(call("set-times-at", 4, root, 0, "a", 2, -2n, 500_000_000, 0, 0n, 0)).toBe("ok");
    expect(call("stat-at", 8, root, 0, "a")).toBe("ok");
    expect([u8(8), u64(24), u64(32)]).toEqual([5, 1n, 0n]);
    expect([u8(40), memory.view.getBigInt64(result + 48, true), u32(56)]).toEqual([1, -2n, 500_000_000]);
    expect(call("set-times-at", 4, root, 0, "a", 2, 0n, 1_000_000_000, 0, 0n, 0)).toBe(errors.invalid);
  });
});

describe("an asynchronous lower", () => {
  it("takes few parameters flat and more through memory, and has answered when it returns", () => {
    writeFileSync(join(folder, "a"), "");
    chmodSync(join(folder, "a"), 0o600);
    const lower = (name: string) =>
      functions[`[method]descriptor.${name}`]!.async!.bind(guest, memory) as (...args: number[]) => number;
    const [a, b] = [flat(["a"]), flat(["b"])] as [number[], number[]];
    expect(lower("stat-at")(root, 0, ...a, result)).toBe(returned);
    expect([u8(0), u8(8)]).toEqual([0, 5]);
    // rename-at: self, string, borrow, string.
    for (const [i, value] of [root, ...a, root, ...b].entries()) memory.view.setUint32(params + i * 4, value, true);
    expect(lower("rename-at")(params, result)).toBe(returned);
    expect(u8(0)).toBe(0);
    expect(statSync(join(folder, "b")).size).toBe(0);
    // open-at: self, path-flags, string, open-flags, descriptor-flags.
    memory.bytes.fill(0xff, params, params + 24);
    memory.view.setUint32(params, root, true);
    memory.view.setUint8(params + 4, 0);
    memory.view.setUint32(params + 8, b[0]!, true);
    memory.view.setUint32(params + 12, b[1]!, true);
    memory.view.setUint8(params + 16, 0);
    memory.view.setUint8(params + 17, forReading);
    expect(lower("open-at")(params, result)).toBe(returned);
    const file = u32(4);
    expect(u8(0)).toBe(0);
    // set-times: self, two variants of 24 bytes.
    memory.view.setUint32(params, file, true);
    for (const [at, seconds] of [
      [8, 10n],
      [32, 20n],
    ] as const) {
      memory.view.setUint8(params + at, 2);
      memory.view.setBigInt64(params + at + 8, seconds, true);
      memory.view.setUint32(params + at + 16, 0, true);
    }
    expect(lower("set-times")(params, result)).toBe(returned);
    expect([statSync(join(folder, "b")).atimeMs, statSync(join(folder, "b")).mtimeMs]).toEqual([10_000, 20_000]);
    expect(lower("is-same-object")(file, root, result)).toBe(returned);
    expect(u8(0)).toBe(0);
  });
});
