import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Descriptor, FileError, type GrantedFiles, openGrants } from "./index.ts";

let folder: string;
let files: GrantedFiles;
let root: Descriptor;
let readOnly: Descriptor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bandstand-files-"));
  mkdirSync(join(folder, "granted"));
  writeFileSync(join(folder, "outside"), "secret");
  const host = join(folder, "granted");
  files = openGrants(
    [
      { host, guest: "/", readOnly: false },
      { host, guest: "/ro", readOnly: true },
    ],
    () => 1000,
  );
  [root, readOnly] = files.directories.map(({ descriptor }) => descriptor) as [Descriptor, Descriptor];
});

afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true });
});

const inside = (name: string) => join(folder, "granted", name);
const bytes = (text: string) => Buffer.from(text);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
  return "done";
}

function read(file: Descriptor, offset = 0n, size = 100): string {
  const into = Buffer.alloc(size);
  return into.toString("utf8", 0, file.read(into, offset));
}

function names(directory: Descriptor): string[] {
  const reader = directory.readDirectory();
  const found: string[] = [];
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) found.push(entry.name);
  reader.close();
  return found.toSorted();
}

describe("files", () => {
  it("are made, written at places, appended to, read and cut", () => {
    const file = root.openAt("a", { create: true, read: true, write: true });
    expect(file.type).toBe("regular-file");
    expect(file.write(bytes("hello"), 2n)).toBe(5);
    expect(file.append(bytes("!"))).toBe(1);
    file.setSize(7n);
    file.append(bytes("?"));
    expect(read(file)).toBe("\0\0hello?");
    expect(read(file, 4n, 2)).toBe("ll");
    expect(read(file, 100n)).toBe("");
    file.setSize(1n);
    expect(file.stat().size).toBe(1n);
    file.sync();
    file.syncData();
    file.advise(0n, 10n);
    file.close();
    expect(codeOf(() => read(file))).toBe("bad-descriptor");
  });

  it("do only what they were opened for", () => {
    writeFileSync(inside("a"), "text");
    const reading = root.openAt("a", { read: true });
    expect(codeOf(() => reading.write(bytes("x"), 0n))).toBe("bad-descriptor");
    expect(codeOf(() => reading.append(bytes("x")))).toBe("bad-descriptor");
    expect(codeOf(() => reading.setSize(0n))).toBe("invalid");
    const writing = root.openAt("a", { write: true });
    expect(codeOf(() => read(writing))).toBe("bad-descriptor");
    expect([reading.flags.read, reading.flags.write]).toEqual([true, false]);
    expect([writing.flags.read, writing.flags.write]).toEqual([false, true]);
    expect(read(root.openAt("a", {}))).toBe("text");
    expect(codeOf(() => reading.openAt("b", {}))).toBe("not-directory");
    expect(codeOf(() => reading.readDirectory())).toBe("not-directory");
  });

  it("refuse places that none can have", () => {
    const file = root.openAt("a", { create: true, read: true, write: true });
    expect(codeOf(() => file.write(bytes("x"), 2n ** 63n))).toBe("invalid");
    expect(codeOf(() => file.write(bytes("x"), -1n))).toBe("invalid");
    expect(codeOf(() => file.write(bytes("x"), 2n ** 62n))).toBe("file-too-large");
    expect(codeOf(() => file.setSize(2n ** 62n))).toBe("file-too-large");
    expect(read(file, 2n ** 63n - 1n)).toBe("");
    expect(codeOf(() => read(file, 2n ** 63n))).toBe("invalid");
    expect(codeOf(() => file.advise(2n ** 63n, 1n))).toBe("invalid");
  });

  it("are opened as asked", () => {
    writeFileSync(inside("a"), "text");
    expect(codeOf(() => root.openAt("none", {}))).toBe("no-entry");
    expect(codeOf(() => root.openAt("a", { create: true, exclusive: true, write: true }))).toBe("exist");
    expect(codeOf(() => root.openAt("a", { directory: true }))).toBe("not-directory");
    expect(codeOf(() => root.openAt("a", { directory: true, create: true }))).toBe("invalid");
    expect(codeOf(() => root.openAt(".", { write: true }))).toBe("is-directory");
    root.openAt("a", { truncate: true, write: true, fileIntegritySync: true });
    expect(readFileSync(inside("a"), "utf8")).toBe("");
  });

  it("tell what they are", () => {
    writeFileSync(inside("a"), "four");
    linkSync(inside("a"), inside("b"));
    symlinkSync("a", inside("l"));
    const { ino, dev, mtimeNs, ctimeNs } = statSync(inside("a"), { bigint: true });
    expect(root.statAt("l", true)).toMatchObject({
      type: "regular-file",
      linkCount: 2n,
      size: 4n,
      inode: ino,
      device: dev,
      modified: mtimeNs,
      changed: ctimeNs,
    });
    expect(root.statAt("l", false)).toMatchObject({ type: "symbolic-link", size: 1n });
    const [a, b, own] = [root.openAt("a", {}), root.openAt("b", {}), root.openAt(".", {})];
    expect([a.isSameObject(b), a.isSameObject(own), own.isSameObject(root)]).toEqual([true, false, true]);
    expect(a.metadataHash()).toEqual(root.metadataHashAt("l", true));
    expect(a.metadataHash()).not.toEqual(root.metadataHashAt("l", false));
    expect(a.metadataHash().lower).not.toBe(ino);
  });

  it("keep their hash while they are written, since programs take it for the inode", () => {
    const file = root.openAt("a", { create: true, write: true });
    const before = file.metadataHash();
    file.write(bytes("more"), 0n);
    expect(root.metadataHashAt("a", false)).toEqual(before);
  });

  it("get times, each for itself", () => {
    const file = root.openAt("a", { create: true, write: true });
    symlinkSync("a", inside("l"));
    utimesSync(inside("a"), 5, 6);
    file.setTimes("no-change", 1_700_000_000_123_456_789n);
    let { accessed, modified } = file.stat();
    expect(accessed).toBe(5_000_000_000n);
    expect(modified).toBe(1_700_000_000_123_456_789n);
    const before = BigInt(Date.now()) * 1_000_000n - 1_000_000_000n;
    root.setTimesAt("l", true, "now", "no-change");
    const kept = modified;
    ({ accessed, modified } = file.stat());
    expect(modified).toBe(kept);
    expect(accessed).toBeGreaterThan(before);
    root.setTimesAt("l", false, 1_000n, -1_500_000_001n);
    expect(root.statAt("l", false)).toMatchObject({ accessed: 1_000n, modified: -1_500_000_001n });
    root.setTimesAt("l", true, 999_999_999_999_999_999n, "no-change");
    expect(file.stat().accessed).toBe(999_999_999_999_999_999n);
    expect(file.stat().modified).toBe(kept);
    expect(codeOf(() => file.setTimes(2n ** 90n, "now"))).toBe("overflow");
  });

  it("that are pipes or devices never hold anybody up", () => {
    execFileSync("mkfifo", [inside("pipe")]);
    const reading = root.openAt("pipe", { read: true });
    expect(reading.type).toBe("fifo");
    expect(read(reading)).toBe("");
    const writing = root.openAt("pipe", { write: true });
    expect(codeOf(() => read(reading))).toBe("would-block");
    writing.append(bytes("through"));
    expect(read(reading)).toBe("through");
    reading.close();
    expect(codeOf(() => root.openAt("pipe", { write: true, truncate: true }))).toBe("no-such-device");
    expect(codeOf(() => writing.write(bytes("x"), 0n))).toBe("pipe");
  });

  it("stay usable where their name is gone", () => {
    const file = root.openAt("a", { create: true, read: true, write: true });
    root.unlinkFileAt("a");
    file.append(bytes("still"));
    file.setTimes(0n, 123_456_789_123_456_789n);
    expect([read(file), file.stat().linkCount, file.stat().modified]).toEqual(["still", 0n, 123_456_789_123_456_789n]);
  });

  it("are used by several, the last of which closes them", () => {
    const file = root.openAt("a", { create: true, write: true });
    file.share().close();
    file.write(bytes("x"), 0n);
    file.close();
    expect(codeOf(() => file.stat())).toBe("bad-descriptor");
    expect(codeOf(() => file.isSameObject(root))).toBe("bad-descriptor");
  });
});

describe("directories", () => {
  it("are made, listed and taken away", () => {
    root.createDirectoryAt("d");
    root.createDirectoryAt("d/e/");
    writeFileSync(inside("d/f"), "");
    symlinkSync("e", inside("d/l"));
    const d = root.openAt("d", { directory: true, mutateDirectory: true });
    expect([d.type, d.flags.mutateDirectory]).toEqual(["directory", true]);
    expect(root.flags.mutateDirectory).toBe(true);
    expect(root.openAt("d", {}).flags.mutateDirectory).toBe(false);
    const reader = d.readDirectory();
    d.close();
    const found = [reader.next()!, reader.next()!, reader.next()!];
    expect(reader.next()).toBeUndefined();
    expect(found.map(({ name, type }) => `${name} ${type}`).toSorted()).toEqual([
      "e directory",
      "f regular-file",
      "l symbolic-link",
    ]);
    for (const { name, inode } of found) expect(inode).toBe(lstatSync(inside(`d/${name}`), { bigint: true }).ino);
    reader.close();
    reader.close();
    expect(codeOf(() => reader.next())).toBe("bad-descriptor");
    expect(codeOf(() => root.removeDirectoryAt("d"))).toBe("not-empty");
    root.removeDirectoryAt("d/e");
    expect(codeOf(() => root.createDirectoryAt("d"))).toBe("exist");
    expect(codeOf(() => root.createDirectoryAt("x/y"))).toBe("no-entry");
  });

  it("of many entries tell each once", () => {
    const all = Array.from({ length: 300 }, (_, i) => `entry-${i}`);
    for (const name of all) writeFileSync(inside(name), "");
    expect(names(root)).toEqual(all.toSorted());
  });

  it("are no files", () => {
    for (const act of [
      () => root.read(Buffer.alloc(1), 0n),
      () => root.write(Buffer.alloc(1), 0n),
      () => root.append(Buffer.alloc(1)),
      () => root.setSize(0n),
      () => root.advise(0n, 0n),
    ]) {
      expect(codeOf(act)).toBe("bad-descriptor");
    }
    root.sync();
    root.setTimes(0n, 0n);
    expect(root.stat()).toMatchObject({ type: "directory", modified: 0n });
  });

  it("tell names that are not UTF-8 as such, and go on", () => {
    writeFileSync(Buffer.from(`${inside("")}/\xff`, "latin1"), "");
    writeFileSync(inside("ä"), "");
    const reader = root.readDirectory();
    const found: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      const code = codeOf(() => found.push(reader.next()?.name));
      if (code !== "done") found.push(code);
    }
    expect(found.toSorted()).toEqual(["illegal-byte-sequence", "ä", undefined]);
  });

  it("take names and links across each other and across grants", () => {
    writeFileSync(inside("a"), "1");
    root.createDirectoryAt("d");
    const d = root.openAt("d", {});
    root.renameAt("a", d, "b");
    root.linkAt("d/b", root, "c");
    root.symlinkAt("../c", "d/l");
    expect(root.readlinkAt("d/l")).toBe("../c");
    expect(read(root.openAt("d/l", { follow: true }))).toBe("1");
    root.linkAt("d/l", root, "l");
    expect(lstatSync(inside("l")).isSymbolicLink()).toBe(true);
    root.unlinkFileAt("c");
    expect(names(root)).toEqual(["d", "l"]);
    expect(codeOf(() => root.linkAt("d", root, "e"))).toBe("not-permitted");
    expect(codeOf(() => root.linkAt("none", root, "e"))).toBe("no-entry");
    expect(codeOf(() => root.linkAt("d/b", root, "l"))).toBe("exist");
    expect(codeOf(() => root.renameAt("d", d, "inside"))).toBe("invalid");
    expect(codeOf(() => root.unlinkFileAt("d"))).toBe("is-directory");
    expect(codeOf(() => root.removeDirectoryAt("d/b"))).toBe("not-directory");
    expect(codeOf(() => root.readlinkAt("d/b"))).toBe("invalid");
    root.symlinkAt("..", "out");
    root.symlinkAt("d", "in");
    const removed = ["out", "out/", "in", "in/"].map((name) => codeOf(() => root.removeDirectoryAt(name)));
    expect(removed).toEqual(["not-directory", "not-permitted", "not-directory", "not-directory"]);
    const links = ["d/b/", "d/", "l/", "d/b", "none/"].map((name) => codeOf(() => root.symlinkAt("a", name)));
    expect(links).toEqual(["not-directory", "exist", "exist", "exist", "no-entry"]);
  });
});

it("names go from one granted directory to another", () => {
  mkdirSync(join(folder, "second"));
  const more = openGrants([
    { host: join(folder, "granted"), guest: "/1", readOnly: false },
    { host: join(folder, "second"), guest: "/2", readOnly: false },
  ]);
  const [first, second] = more.directories.map(({ descriptor }) => descriptor) as [Descriptor, Descriptor];
  first.createDirectoryAt("d");
  const d = first.openAt("d", {});
  d.openAt("f", { create: true, write: true }).write(bytes("moved"), 0n);
  first.renameAt("d", second, "e");
  expect([names(first), names(second)]).toEqual([[], ["e"]]);
  expect(read(second.openAt("e/f", {}))).toBe("moved");
  // What was open goes along, and is as closed to what lies above it as before.
  expect([read(d.openAt("f", {})), codeOf(() => d.statAt("../f", true))]).toEqual(["moved", "not-permitted"]);
  more.close();
});

describe("a grant for reading only", () => {
  it("changes nothing, not by any way", () => {
    writeFileSync(inside("a"), "text");
    mkdirSync(inside("d"));
    const file = readOnly.openAt("a", { read: true });
    const below = readOnly.openAt("d", { directory: true });
    expect(below.flags.mutateDirectory).toBe(false);
    const refused = [
      () => readOnly.openAt("a", { write: true }),
      () => readOnly.openAt("a", { truncate: true }),
      () => readOnly.openAt("b", { create: true }),
      () => readOnly.openAt("d", { mutateDirectory: true }),
      () => below.createDirectoryAt("e"),
      () => readOnly.removeDirectoryAt("d"),
      () => readOnly.unlinkFileAt("a"),
      () => readOnly.symlinkAt("a", "l"),
      () => readOnly.setTimesAt("a", true, "now", "now"),
      () => file.setTimes("now", "now"),
      () => file.setSize(0n),
      () => readOnly.renameAt("a", root, "stolen"),
      () => root.renameAt("a", readOnly, "put"),
      () => readOnly.linkAt("a", root, "stolen"),
      () => root.linkAt("a", readOnly, "put"),
    ];
    for (const act of refused) expect(codeOf(act)).toBe("read-only");
    expect(codeOf(() => file.write(bytes("x"), 0n))).toBe("bad-descriptor");
    expect(readdirSync(inside(""))).toEqual(["a", "d"]);
    expect([read(file), readOnly.readDirectory().next() !== undefined]).toEqual(["text", true]);
  });
});

describe("limits", () => {
  it("so many files at a time, and all are closed at the end", () => {
    const before = readdirSync("/proc/self/fd").length;
    const code = codeOf(() => {
      for (let i = 0; i < 2000; i++) root.openAt(".", {});
    });
    expect(code).toBe("too-many-open-files");
    expect(codeOf(() => root.readDirectory())).toBe("too-many-open-files");
    expect(readdirSync("/proc/self/fd").length).toBeGreaterThan(before + 900);
    files.close();
    expect(readdirSync("/proc/self/fd").length).toBe(before - 2);
    files.close();
  });

  it("grants are directories that are there", () => {
    const grant = (host: string) => () => openGrants([{ host, guest: "/", readOnly: false }]);
    expect(grant(join(folder, "none"))).toThrow(/cannot be granted/);
    expect(grant(join(folder, "outside"))).toThrow(/cannot be granted/);
  });

  it.skipIf(process.getuid?.() === 0)("the system's permissions hold", () => {
    writeFileSync(inside("a"), "");
    chmodSync(inside("a"), 0o000);
    expect(codeOf(() => root.openAt("a", {}))).toBe("access");
  });
});
