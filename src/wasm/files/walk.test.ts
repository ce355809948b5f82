import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Descriptor, FileError, type GrantedFiles, openGrants } from "./index.ts";

let folder: string;
let files: GrantedFiles;
let root: Descriptor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bandstand-walk-"));
  mkdirSync(inside("dir/nested"), { recursive: true });
  writeFileSync(inside("dir/nested/file"), "inside");
  writeFileSync(join(folder, "secret"), "secret");
  files = openGrants([{ host: inside(""), guest: "/", readOnly: false }]);
  root = files.directories[0]!.descriptor;
});

afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true });
});

function inside(name: string): string {
  return join(folder, "granted", name);
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
  return "done";
}

function code(path: string, follow = true): string {
  const codes = new Set([
    codeOf(() => root.openAt(path, { follow }).close()),
    codeOf(() => root.statAt(path, follow)),
    codeOf(() => root.setTimesAt(path, follow, "no-change", "no-change")),
    codeOf(() => root.metadataHashAt(path, follow)),
  ]);
  expect(codes.size).toBe(1);
  return [...codes][0]!;
}

describe("paths", () => {
  const file = "dir/nested/file";
  it.each([
    [file, "done"],
    ["dir/.//nested/../../dir/nested/../nested///./file", "done"],
    [".", "done"],
    ["./", "done"],
    ["dir/..", "done"],
    ["dir/../", "done"],
    ["dir/nested/", "done"],
    ["dir/nested//", "done"],
    ["", "no-entry"],
    ["none", "no-entry"],
    ["none/..", "no-entry"],
    [`${file}/`, "not-directory"],
    [`${file}/.`, "not-directory"],
    [`${file}/..`, "not-directory"],
    [`${file}/more`, "not-directory"],
    ["/", "not-permitted"],
    [`/${file}`, "not-permitted"],
    ["..", "not-permitted"],
    ["dir/../..", "not-permitted"],
    ["../granted/dir", "not-permitted"],
    ["dir/nested/../../../secret", "not-permitted"],
    [`${file}\0`, "invalid"],
    ["\0", "invalid"],
    ["x".repeat(256), "name-too-long"],
    ["dir/../".repeat(1000), "name-too-long"],
    ["./".repeat(2000), "done"],
  ])("%j is %s", (path, expected) => expect(code(path)).toBe(expected));

  it("relative to a directory below do not lead out of that one", () => {
    const dir = root.openAt("dir", { directory: true });
    expect(codeOf(() => dir.statAt("../dir", true))).toBe("not-permitted");
    expect(codeOf(() => dir.statAt("nested/file", true))).toBe("done");
  });

  it("go through hundreds of directories and leave nothing open", () => {
    const before = readdirSync("/proc/self/fd").length;
    const deep = "d/".repeat(600);
    mkdirSync(inside(deep), { recursive: true });
    expect(code(deep)).toBe("done");
    expect(code(`${deep}none/`)).toBe("no-entry");
    expect(code(`${deep}${"../".repeat(601)}`)).toBe("not-permitted");
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

describe("links", () => {
  it("are followed inside, in the last place only where asked", () => {
    symlinkSync("dir/nested", inside("link"));
    symlinkSync("../link/file", inside("dir/second"));
    expect(code("link/file", false)).toBe("done");
    expect(root.statAt("dir/second", true).type).toBe("regular-file");
    expect(root.statAt("dir/second", false).type).toBe("symbolic-link");
    expect(root.statAt("link/", false).type).toBe("directory");
    expect(codeOf(() => root.statAt("dir/second/", false))).toBe("not-directory");
    expect(codeOf(() => root.openAt("link", {}))).toBe("loop");
    expect(codeOf(() => root.openAt("link", { directory: true }))).toMatch(/^(loop|not-directory)$/);
    expect(root.openAt("link", { follow: true, directory: true }).type).toBe("directory");
    expect(root.openAt("link/", { directory: true }).type).toBe("directory");
    expect(codeOf(() => root.openAt("dir/second", { follow: true, directory: true }))).toBe("not-directory");
  });

  it.each([
    ["an absolute one", "/etc/passwd"],
    ["one above", "../secret"],
    ["one above by a way around", "dir/../../secret"],
    ["one back in from above", "../granted/dir/nested/file"],
    ["the root of everything", "/"],
    ["the process", "/proc/self/root"],
  ])("to %s lead nowhere", (_, target) => {
    symlinkSync(target, inside("link"));
    expect([code("link"), code("link/")]).toEqual(["not-permitted", "not-permitted"]);
    expect(root.statAt("link", false).type).toBe("symbolic-link");
    for (const how of [{ create: true }, { truncate: true }, { create: true, truncate: true }, { directory: true }]) {
      expect(codeOf(() => root.openAt("link", { follow: true, write: true, ...how }))).toBe("not-permitted");
    }
    expect(codeOf(() => root.createDirectoryAt("link/new"))).toBe("not-permitted");
    expect(codeOf(() => root.renameAt("link/x", root, "new"))).toBe("not-permitted");
    expect(readFileSync(join(folder, "secret"), "utf8")).toBe("secret");
  });

  it("in circles, and more than forty of them, are a loop", () => {
    symlinkSync("b", inside("a"));
    symlinkSync("a", inside("b"));
    expect([code("a"), code("a/x"), code("b/")]).toEqual(["loop", "loop", "loop"]);
    symlinkSync("dir", inside("l0"));
    for (let i = 1; i <= 40; i++) symlinkSync(`l${i - 1}`, inside(`l${i}`));
    expect([code("l39"), code("l40")]).toEqual(["done", "loop"]);
    symlinkSync("wide/wide", inside("wide"));
    expect(code("wide")).toBe("loop");
  });

  it("that lead to nothing are where files are made, unless they must be new", () => {
    symlinkSync("dir/made", inside("link"));
    expect(codeOf(() => root.openAt("link", { follow: true }))).toBe("no-entry");
    expect(codeOf(() => root.openAt("link", { follow: true, create: true, exclusive: true, write: true }))).toBe(
      "exist",
    );
    expect(codeOf(() => root.openAt("link", { create: true, write: true }))).toBe("loop");
    root.openAt("link", { follow: true, create: true, write: true });
    expect(existsSync(inside("dir/made"))).toBe(true);
  });

  it("are made and read as long as they are relative", () => {
    expect(codeOf(() => root.symlinkAt("/etc/passwd", "link"))).toBe("not-permitted");
    expect(codeOf(() => root.symlinkAt("", "link"))).toBe("no-entry");
    expect(codeOf(() => root.symlinkAt("a\0", "link"))).toBe("invalid");
    symlinkSync("/etc/passwd", inside("link"));
    expect(codeOf(() => root.readlinkAt("link"))).toBe("not-permitted");
    symlinkSync(Buffer.from("\xff", "latin1"), inside("other"));
    expect(codeOf(() => root.readlinkAt("other"))).toBe("illegal-byte-sequence");
    root.symlinkAt("dir", "third");
    expect([root.readlinkAt("third"), codeOf(() => root.readlinkAt("third/"))]).toEqual(["dir", "invalid"]);
  });

  it("through names that are not UTF-8 are followed all the same", () => {
    writeFileSync(Buffer.from(inside("\xff"), "latin1"), "odd");
    symlinkSync(Buffer.from("\xff", "latin1"), inside("link"));
    expect(root.statAt("link", true).size).toBe(3n);
  });
});

describe("slashes behind names", () => {
  it("never lead through a link that is to be changed itself", () => {
    symlinkSync("../secret-folder", inside("out"));
    symlinkSync("dir", inside("in"));
    mkdirSync(join(folder, "secret-folder"));
    for (const link of ["out/", "in/"]) {
      expect(codeOf(() => root.removeDirectoryAt(link))).toBe(link === "in/" ? "not-directory" : "not-permitted");
      expect(codeOf(() => root.unlinkFileAt(link))).toBe("not-directory");
      expect(codeOf(() => root.renameAt(link, root, "new"))).toBe("not-directory");
      expect(codeOf(() => root.renameAt("dir", root, link))).toBe("not-directory");
      expect(codeOf(() => root.createDirectoryAt(link))).toBe("exist");
      expect(codeOf(() => root.linkAt(link, root, "new"))).toBe("not-directory");
    }
    expect(lstatSync(join(folder, "secret-folder")).isDirectory()).toBe(true);
  });

  it("make directories of what they stand behind", () => {
    writeFileSync(inside("file"), "");
    expect(codeOf(() => root.unlinkFileAt("file/"))).toBe("not-directory");
    expect(codeOf(() => root.unlinkFileAt("dir/"))).toBe("is-directory");
    expect(codeOf(() => root.renameAt("file/", root, "new"))).toBe("not-directory");
    expect(codeOf(() => root.renameAt("file", root, "new/"))).toBe("not-directory");
    expect(codeOf(() => root.openAt("new/", { create: true, write: true }))).toBe("is-directory");
    expect(codeOf(() => root.symlinkAt("file", "new/"))).toMatch(/^(no-entry|not-directory)$/);
    expect(codeOf(() => root.symlinkAt("file", "dir/"))).toBe("exist");
    expect(codeOf(() => root.linkAt("file", root, "new/"))).toMatch(/^(no-entry|not-directory)$/);
    expect(codeOf(() => root.linkAt("file/", root, "new"))).toBe("not-directory");
    expect(codeOf(() => root.linkAt("dir/", root, "new"))).toBe("not-permitted");
    expect(codeOf(() => root.renameAt("dir/", root, "new/"))).toBe("done");
    expect(codeOf(() => root.removeDirectoryAt("new/nested/."))).toBe("invalid");
    expect(codeOf(() => root.createDirectoryAt("new/."))).toBe("exist");
    expect(codeOf(() => root.renameAt("new/.", root, "x"))).toBe("busy");
  });
});
