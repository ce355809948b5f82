import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { usualCounts } from "../../../model/plan/index.ts";
import { fileErrorCodes, fileTypes, openGrants, type GrantedFiles } from "../../files/index.ts";
import { ComponentScope } from "../component.ts";
import { Guest } from "../guest.ts";
import { io } from "../io/index.ts";
import { GuestMemory } from "../memory.ts";
import { filesystem } from "./index.ts";

const functions = {
  ...filesystem["wasi:filesystem/types"]!.functions,
  ...filesystem["wasi:filesystem/preopens"]!.functions,
  ...io["wasi:io/streams"]!.functions,
};
const result = 1024;

let folder: string;
let files: GrantedFiles;
let guest: Guest;
let memory: GuestMemory;
let root: number;
let readOnly: number;
let top: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bandstand-filesystem-"));
  files = openGrants([
    { host: folder, guest: "/", readOnly: false },
    { host: folder, guest: "/läsa", readOnly: true },
  ]);
  guest = new Guest(new ComponentScope({ limits: usualCounts } as never, { config: new Map(), logger: {} } as never));
  guest.directories = files.directories;
  guest.entry = "waiting";
  top = 4096;
  const realloc = (_old: number, _oldSize: number, align: number, size: number): number => {
    const at = Math.ceil(top / align) * align;
    top = at + size;
    return at;
  };
  const lowering = { memory: new WebAssembly.Memory({ initial: 64 }), realloc };
  memory = new GuestMemory(guest, lowering);
  call("get-directories", result);
  const list = u32(0);
  [root, readOnly] = [memory.view.getUint32(list, true), memory.view.getUint32(list + 12, true)];
});

afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true });
});

type Argument = number | bigint | string | Uint8Array;

/** Strings and bytes become a pointer and a length. */
function call(name: string, ...args: Argument[]): unknown {
  const flat = args.flatMap((each) => {
    if (typeof each !== "string" && !(each instanceof Uint8Array)) return [each];
    const bytes = Buffer.from(each);
    const at = memory.allocate(bytes.length, 1);
    memory.bytes.set(bytes, at);
    return [at, bytes.length];
  });
  const { params, bind } = functions[name]!;
  expect(flat.map((each) => (typeof each === "bigint" ? "i64" : "i32"))).toEqual(params);
  return bind(guest, memory)(...(flat as never[]));
}

const u8 = (at: number) => memory.view.getUint8(result + at);
const u32 = (at: number) => memory.view.getUint32(result + at, true);
const u64 = (at: number) => memory.view.getBigUint64(result + at, true);
const textAt = (at: number) => memory.text(u32(at), u32(at + 4));

/** Calls a method of descriptors; answers the error's name or "ok". @param payload where the result has it. */
function descriptor(name: string, payload: number, ...args: Argument[]): string {
  // What a function leaves as it was must not look as if it had written it.
  memory.bytes.fill(0xaa, result, result + 128);
  call(`[method]descriptor.${name}`, ...args, result);
  return u8(0) === 0 ? "ok" : fileErrorCodes[u8(payload)]!;
}

function open(path: string, openFlags: number, flags: number, from = root): number {
  expect(descriptor("open-at", 4, from, 1, path, openFlags, flags)).toBe("ok");
  return u32(4);
}

const [create, directory, truncate] = [1, 2, 8];
const [read, write] = [1, 2];

describe("descriptors", () => {
  it("begin with what is granted, by name and as often as asked", () => {
    call("get-directories", result);
    expect(u32(4)).toBe(2);
    const list = u32(0);
    const name = (at: number) => memory.text(memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true));
    expect([name(list + 4), name(list + 16)]).toEqual(["/", "/läsa"]);
    const again = memory.view.getUint32(list, true);
    expect(again).not.toBe(root);
    guest.handles.drop(again, "descriptor");
    expect(descriptor("get-type", 1, root)).toBe("ok");
    expect(fileTypes[u8(1)]).toBe("directory");
  });

  it("are files that are written and read at places", () => {
    const file = open("a", create, read | write);
    expect(descriptor("write", 8, file, "hello", 1n)).toBe("ok");
    expect(u64(8)).toBe(5n);
    expect(descriptor("read", 4, file, 3n, 2n)).toBe("ok");
    expect([textAt(4), u8(12)]).toEqual(["ell", 0]);
    expect(descriptor("read", 4, file, 2n ** 40n, 4n)).toBe("ok");
    expect([textAt(4), u8(12)]).toEqual(["lo", 0]);
    expect(descriptor("read", 4, file, 10n, 6n)).toBe("ok");
    expect([u32(8), u8(12)]).toEqual([0, 1]);
    expect(descriptor("set-size", 1, file, 2n)).toBe("ok");
    expect(descriptor("sync", 1, file)).toBe("ok");
    expect(descriptor("sync-data", 1, file)).toBe("ok");
    expect(descriptor("advise", 1, file, 0n, 0n, 3)).toBe("ok");
    expect(readFileSync(join(folder, "a"), "latin1")).toBe("\0h");
    expect(descriptor("write", 8, file, "x", -1n)).toBe("invalid");
    expect(descriptor("read", 4, root, 1n, 0n)).toBe("bad-descriptor");
  });

  it("tell flags and types", () => {
    writeFileSync(join(folder, "a"), "");
    const flagsOf = (handle: number) => {
      expect(descriptor("get-flags", 1, handle)).toBe("ok");
      return u8(1);
    };
    expect([flagsOf(root), flagsOf(readOnly)]).toEqual([33, 1]);
    expect([flagsOf(open("a", 0, read)), flagsOf(open("a", 0, write | 8)), flagsOf(open("a", 0, 0))]).toEqual([
      1, 10, 1,
    ]);
    expect(descriptor("get-type", 1, open("a", 0, read))).toBe("ok");
    expect(fileTypes[u8(1)]).toBe("regular-file");
  });

  it("tell their state, in all its places", () => {
    writeFileSync(join(folder, "a"), "four");
    const file = open("a", 0, read | write);
    const set = descriptor("set-times", 1, file, 2, 5n, 7_000, 2, 6n, 0);
    expect(set).toBe("ok");
    expect(descriptor("set-times-at", 1, root, 1, "a", 0, 0n, 0, 2, 1_700_000_000n, 500_000_000)).toBe("ok");
    const { ctimeNs } = statSync(join(folder, "a"), { bigint: true });
    for (const outcome of [() => descriptor("stat", 8, file), () => descriptor("stat-at", 8, root, 1, "a")]) {
      expect(outcome()).toBe("ok");
      expect([fileTypes[u8(8)], u64(16), u64(24)]).toEqual(["regular-file", 1n, 4n]);
      expect([u8(32), u64(40), u32(48)]).toEqual([1, 5n, 7_000]);
      expect([u8(56), u64(64), u32(72)]).toEqual([1, 1_700_000_000n, 500_000_000]);
      expect([u8(80), u64(88) * 1_000_000_000n + BigInt(u32(96))]).toEqual([1, ctimeNs]);
    }
    expect(descriptor("set-times", 1, file, 2, 0n, 1_000_000_000, 1, 0n, 0)).toBe("invalid");
    expect(descriptor("set-times", 1, file, 1, 0n, 0, 0, 0n, 0)).toBe("ok");
    expect(descriptor("stat-at", 8, root, 1, "none")).toBe("no-entry");
  });

  it("are the same object or not, and hash so", () => {
    writeFileSync(join(folder, "a"), "");
    const [one, other] = [open("a", 0, read), open("a", 0, read, readOnly)];
    const same = (a: number, b: number) => call("[method]descriptor.is-same-object", a, b);
    expect([same(one, other), same(root, one), same(root, readOnly)]).toEqual([1, 0, 1]);
    expect(descriptor("metadata-hash", 8, one)).toBe("ok");
    const hash = [u64(8), u64(16)];
    expect(descriptor("metadata-hash-at", 8, root, 1, "a")).toBe("ok");
    expect([u64(8), u64(16)]).toEqual(hash);
    expect(descriptor("metadata-hash", 8, root)).toBe("ok");
    expect([u64(8), u64(16)]).not.toEqual(hash);
  });

  it("are given back: files of the host are closed with the last use", () => {
    const file = open("a", create, read | write);
    expect(descriptor("write-via-stream", 4, file, 0n)).toBe("ok");
    const stream = u32(4);
    guest.handles.drop(file, "descriptor");
    call("[method]output-stream.blocking-write-and-flush", stream, "late", result);
    expect(u8(0)).toBe(0);
    guest.handles.drop(stream, "output-stream");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("late");
    expect(() => descriptor("sync", 1, file)).toThrow(/handle/);
  });
});

describe("paths", () => {
  it("are made, named, linked, listed and taken away", () => {
    expect(descriptor("create-directory-at", 1, root, "d")).toBe("ok");
    expect(descriptor("create-directory-at", 1, root, "d")).toBe("exist");
    const d = open("d", directory, read);
    open("d/ä", create, write);
    expect(descriptor("symlink-at", 1, root, "ä", "d/l")).toBe("ok");
    expect(descriptor("readlink-at", 4, d, "l")).toBe("ok");
    expect(textAt(4)).toBe("ä");
    expect(descriptor("link-at", 1, d, 0, "ä", root, "hard")).toBe("ok");
    expect(descriptor("link-at", 1, d, 1, "ä", root, "other")).toBe("invalid");
    expect(descriptor("rename-at", 1, root, "hard", d, "soft")).toBe("ok");
    expect(descriptor("read-directory", 4, d)).toBe("ok");
    const stream = u32(4);
    const found: string[] = [];
    const next = () => call("[method]directory-entry-stream.read-directory-entry", stream, result);
    for (next(); u8(4) === 1; next()) found.push(`${textAt(12)} ${fileTypes[u8(8)]}`);
    expect(found.toSorted()).toEqual(["l symbolic-link", "soft regular-file", "ä regular-file"]);
    guest.handles.drop(stream, "directory-entry-stream");
    expect(descriptor("unlink-file-at", 1, root, "d/l")).toBe("ok");
    expect(descriptor("remove-directory-at", 1, root, "d")).toBe("not-empty");
    expect(descriptor("remove-directory-at", 1, root, "d/soft")).toBe("not-directory");
    expect(descriptor("readlink-at", 4, d, "soft")).toBe("invalid");
  });

  it("stay inside, and change nothing where only reading is granted", () => {
    symlinkSync("/etc", join(folder, "out"));
    mkdirSync(join(folder, "d"));
    expect(descriptor("open-at", 4, root, 1, "out/passwd", 0, read)).toBe("not-permitted");
    expect(descriptor("open-at", 4, root, 1, "/etc/passwd", 0, read)).toBe("not-permitted");
    expect(descriptor("open-at", 4, open("d", 0, read), 1, "../d", 0, read)).toBe("not-permitted");
    expect(descriptor("open-at", 4, root, 0, "out", 0, read)).toBe("loop");
    expect(descriptor("stat-at", 8, root, 0, "out")).toBe("ok");
    expect(descriptor("open-at", 4, readOnly, 1, "a", create, write)).toBe("read-only");
    expect(descriptor("open-at", 4, readOnly, 1, "d", truncate, read)).toBe("read-only");
    expect(descriptor("open-at", 4, root, 1, "d", directory | create, read)).toBe("invalid");
    expect(descriptor("create-directory-at", 1, readOnly, "e")).toBe("read-only");
    expect(descriptor("rename-at", 1, root, "d", readOnly, "e")).toBe("read-only");
  });

  it("and whatever else cannot be right end the guest", () => {
    const endsWith = (act: () => unknown, why: RegExp) => {
      guest.failure = undefined;
      expect(act).toThrow(why);
    };
    endsWith(() => descriptor("create-directory-at", 1, root, Buffer.from([0xff])), /UTF-8/);
    endsWith(() => descriptor("set-times", 1, root, 3, 0n, 0, 0, 0n, 0), /new-timestamp/);
    endsWith(() => descriptor("advise", 1, root, 0n, 0n, 6), /advice/);
    endsWith(() => descriptor("create-directory-at", 1, 4711, "a"), /handle/);
  });
});

describe("streams", () => {
  const stream = (name: string, ...args: Argument[]): string => {
    call(`[method]${name}`, ...args, result);
    return u8(0) === 0 ? "ok" : u8(4) === 0 ? "failed" : "closed";
  };

  it("read a file from a place on, to its end", () => {
    writeFileSync(join(folder, "a"), "x".repeat(100_000));
    expect(descriptor("read-via-stream", 4, open("a", 0, read), 10n)).toBe("ok");
    const input = u32(4);
    let total = 0;
    while (stream("input-stream.blocking-read", input, 1n << 40n) === "ok") total += u32(8);
    expect(total).toBe(99_990);
    expect(u8(4)).toBe(1);
    expect(stream("input-stream.read", input, 1n)).toBe("closed");
  });

  it("write from a place on, or at the end", () => {
    writeFileSync(join(folder, "a"), "12345");
    const file = open("a", 0, write);
    expect(descriptor("write-via-stream", 4, file, 1n)).toBe("ok");
    const output = u32(4);
    call("[method]output-stream.check-write", output, result);
    expect(u64(8)).toBeGreaterThan(4096n);
    expect(stream("output-stream.write", output, "ab")).toBe("ok");
    expect(stream("output-stream.write", output, "c")).toBe("ok");
    expect(descriptor("append-via-stream", 4, file)).toBe("ok");
    const end = u32(4);
    writeFileSync(join(folder, "a"), "6", { flag: "a" });
    expect(stream("output-stream.blocking-write-and-flush", end, "!")).toBe("ok");
    expect(stream("output-stream.blocking-flush", end)).toBe("ok");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("1abc56!");
  });

  it("copy one file to another", () => {
    writeFileSync(join(folder, "a"), "copied");
    expect(descriptor("read-via-stream", 4, open("a", 0, read), 0n)).toBe("ok");
    const input = u32(4);
    expect(descriptor("write-via-stream", 4, open("b", create, write), 0n)).toBe("ok");
    const output = u32(4);
    call("[method]output-stream.blocking-splice", output, input, 100n, result);
    expect(readFileSync(join(folder, "b"), "utf8")).toBe("copied");
  });

  it("are refused to whom the file is not open so, and tell why they broke", () => {
    writeFileSync(join(folder, "a"), "");
    const file = open("a", 0, read);
    expect(descriptor("write-via-stream", 4, file, 0n)).toBe("bad-descriptor");
    expect(descriptor("append-via-stream", 4, file)).toBe("bad-descriptor");
    expect(descriptor("read-via-stream", 4, root, 0n)).toBe("is-directory");
    expect(descriptor("write-via-stream", 4, open("a", 0, write), 2n ** 63n)).toBe("ok");
    const output = u32(4);
    expect(stream("output-stream.blocking-write-and-flush", output, "x")).toBe("failed");
    const error = u32(8);
    call("filesystem-error-code", error, result);
    expect([u8(0), fileErrorCodes[u8(1)]]).toEqual([1, "invalid"]);
    expect(stream("output-stream.blocking-write-and-flush", output, "x")).toBe("closed");
  });
});

it("guests to whom nothing is granted have no directory at all", () => {
  guest.directories = [];
  call("get-directories", result);
  expect(u32(4)).toBe(0);
});
