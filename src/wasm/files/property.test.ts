import * as fc from "fast-check";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Descriptor, FileError, openGrants } from "./index.ts";

/** What lies in a directory by its name: a directory, a link's target, or a file. */
interface Tree {
  [name: string]: Tree | string | null;
}

const name = fc.constantFrom("a", "b", "c");
const piece = fc.oneof({ weight: 5, arbitrary: name }, fc.constantFrom("..", ".", ""));
const path = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join("/"));
const outside = fc.constantFrom("..", "../b", "../c", "../c/a", "../../site");
const target = fc.oneof(
  path.filter((text) => text !== ""),
  outside,
);

const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(name, fc.oneof({ maxDepth: 4 }, fc.constant(null), target, tie("tree"), tie("tree")), {
    noNullPrototype: true,
    maxKeys: 3,
  }),
})).tree;

function build(folder: string, content: Tree): void {
  mkdirSync(folder);
  for (const [entry, what] of Object.entries(content)) {
    const at = join(folder, entry);
    if (what === null) writeFileSync(at, `file ${at}`);
    else if (typeof what === "string") symlinkSync(what, at);
    else build(at, what);
  }
}

/** Where a path leads according to the description, as names from the root on; or why it leads nowhere. */
function lead(root: Tree, text: string, follow: boolean): string[] | string {
  if (text.startsWith("/")) return "not-permitted";
  if (text === "") return "no-entry";
  let at: string[] = [];
  let rest = text.split("/");
  let links = 0;
  const what = (names: string[]) =>
    names.reduce<Tree | string | null | undefined>((found, each) => (found as Tree)[each], root);
  while (rest.length > 0) {
    const [first, ...others] = rest as [string, ...string[]];
    rest = others;
    const found = what(at);
    if (found === null || typeof found === "string") return "not-directory";
    if (first === "" || first === ".") continue;
    if (first === "..") {
      if (at.length === 0) return "not-permitted";
      at = at.slice(0, -1);
      continue;
    }
    const next = what([...at, first]);
    if (next === undefined) return "no-entry";
    if (typeof next !== "string" || (rest.length === 0 && !follow)) {
      at = [...at, first];
      continue;
    }
    if (++links > 40) return "loop";
    if (next.startsWith("/")) return "not-permitted";
    rest = [...next.split("/"), ...rest];
  }
  return at;
}

function outcome<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
}

function inFolder(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-property-"));
  try {
    act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withRoot(host: string, act: (root: Descriptor) => void): void {
  const files = openGrants([{ host, guest: "/", readOnly: false }]);
  try {
    act(files.directories[0]!.descriptor);
  } finally {
    files.close();
  }
}

it("paths lead where their description says", () => {
  const cases = fc.array(fc.tuple(path, fc.boolean()), { minLength: 10, maxLength: 20 });
  fc.assert(
    fc.property(tree, cases, (content, paths) =>
      inFolder((folder) => {
        const host = join(folder, "granted");
        build(host, content);
        withRoot(host, (root) => {
          for (const [text, follow] of paths) {
            const expected = lead(content, text, follow);
            const stat = outcome(() => root.statAt(text, follow).inode);
            if (typeof expected === "string") expect(stat).toBe(expected);
            else expect(stat).toBe(lstatSync(join(host, ...expected), { bigint: true }).ino);
          }
        });
      }),
    ),
    { numRuns: 150 },
  );
});

/** All that lies below a folder but not below one part of it, and what it holds. */
function snapshot(folder: string, except: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = join(folder, entry.name);
    if (entry.isDirectory()) return at === except ? [] : [`${at}/`, ...snapshot(at, except)];
    return `${at} ${entry.isSymbolicLink() ? readlinkSync(at) : readFileSync(at, "utf8")}`;
  });
}

const step = fc.record({
  kind: fc.constantFrom("mkdir", "rmdir", "unlink", "symlink", "link", "rename", "write", "times", "enter"),
  path,
  other: path,
  follow: fc.boolean(),
});

function take(
  from: Descriptor,
  { kind, path: text, other, follow }: typeof step extends fc.Arbitrary<infer T> ? T : never,
) {
  switch (kind) {
    case "mkdir":
      return from.createDirectoryAt(text);
    case "rmdir":
      return from.removeDirectoryAt(text);
    case "unlink":
      return from.unlinkFileAt(text);
    case "symlink":
      return from.symlinkAt(other, text);
    case "link":
      return from.linkAt(text, from, other);
    case "rename":
      return from.renameAt(text, from, other);
    case "times":
      return from.setTimesAt(text, follow, 0n, 0n);
    case "enter":
      return from.openAt(text, { follow, directory: true });
    default:
      return from.openAt(text, { follow, create: true, truncate: true, write: true }).write(Buffer.from("guest"), 0n);
  }
}

it("whatever guests do, outside of what is granted nothing changes", () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(tree, tree, steps, (content, around, all) =>
      inFolder((folder) => {
        const [site, a, b] = [join(folder, "site"), join(folder, "site", "a"), join(folder, "site", "b")];
        build(site, { ...around, a: {}, b: null, c: { a: {}, b: null } });
        rmSync(a, { recursive: true });
        build(a, content);
        writeFileSync(b, "kept");
        const state = () => [snapshot(site, a).toSorted(), lstatSync(b).mtimeMs, lstatSync(site).mtimeMs];
        const before = state();
        withRoot(a, (root) => {
          let at = root;
          for (const each of all) {
            const result = outcome(() => take(at, each));
            if (typeof result === "object") at = result;
          }
        });
        expect(state()).toEqual(before);
      }),
    ),
    { numRuns: 150 },
  );
});
