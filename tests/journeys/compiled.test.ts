import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, Workspace } from "./workspace.ts";

const why =
  process.env["BANDSTAND_DIST"] === undefined ? " (skipped: npm test runs it, with the program as published)" : "";
/** Exports a memory and a `_start` that does nothing. */
const nothing = Buffer.from("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=", "base64");

test.skipIf(why !== "")(
  `what V8 compiled of the program is kept for the next call of the same command${why}`,
  async () => {
    await using workspace = new Workspace();
    const folder = workspace.at("compiled");
    // Node with other options does not take what was compiled when the program was built, as another Node does not.
    const environment = { NODE_COMPILE_CACHE: folder, NODE_OPTIONS: "--stack-trace-limit=20" };
    const run = (...args: string[]) => workspace.runWith(environment, ...args);
    const kept = (command: string) =>
      readdirSync(folder).filter((name) => name.startsWith("program-") && name.endsWith(`.${command}`));
    workspace.write("nothing.wasm", nothing);
    const done = { code: 0, out: "", err: "" };

    expect(await run("run", "--unknown")).toMatchObject({ code: 2 });
    expect(kept("run")).toEqual([]);
    expect(await run("run", "--help")).toMatchObject({ code: 0 });
    expect(kept("help")).toHaveLength(1);
    expect(await run("run", "nothing.wasm")).toEqual(done);
    const [name = ""] = kept("run");
    const path = workspace.at("compiled", name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(path);
    const { mtimeMs } = statSync(path);
    expect(await run("run", "nothing.wasm")).toEqual(done);
    expect(statSync(path).mtimeMs).toBe(mtimeMs);

    // Of another version, cut off, empty, or one that somebody else may write to: it is made again.
    const others = [Buffer.from(bytes).fill(1, 0, 16), bytes.subarray(0, bytes.length - 100), Buffer.alloc(0)];
    for (const other of others) {
      writeFileSync(path, other);
      expect(await run("run", "nothing.wasm")).toEqual(done);
      expect(readFileSync(path).subarray(0, 16)).toEqual(bytes.subarray(0, 16));
      expect(statSync(path).size).toBeGreaterThan(bytes.length / 2);
    }
    chmodSync(path, 0o622);
    expect(await run("run", "nothing.wasm")).toEqual(done);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    // Of other versions, the last few stay when one is written.
    for (let day = 1; day <= 6; day++) {
      const other = workspace.at("compiled", name.replace(/-[0-9a-f]{16}-/, `-${String(day).repeat(16)}-`));
      writeFileSync(other, "");
      const ago = Date.now() / 1000 - day * 86_400;
      utimesSync(other, ago, ago);
    }
    rmSync(path);
    expect(await run("run", "nothing.wasm")).toEqual(done);
    const left = kept("run").map((each) => /-([0-9a-f]{16})-/.exec(each)![1]!.replace(/^(.)\1+$/, "$1"));
    expect(left.filter((each) => each.length === 1).toSorted()).toEqual(["1", "2", "3"]);
    expect(left).toHaveLength(4);

    // A folder that cannot be made.
    workspace.write("file", "");
    for (const NODE_COMPILE_CACHE of [workspace.at("file"), "/proc/nothing/here"]) {
      expect(await workspace.runWith({ ...environment, NODE_COMPILE_CACHE }, "run", "nothing.wasm")).toEqual(done);
    }
  },
);

test.skipIf(why !== "")(
  `what was compiled when the program was built is taken for common commands, the first call too${why}`,
  async () => {
    await using workspace = new Workspace();
    workspace.write("nothing.wasm", nothing);
    const folder = workspace.at("compiled");
    const calls = [["run", "nothing.wasm"], ["--help"], ["version"], ["completion", "bash"]];
    for (const args of calls) {
      expect(await workspace.runWith({ NODE_COMPILE_CACHE: folder }, ...args)).toMatchObject({ code: 0, err: "" });
    }
    expect(readdirSync(folder).filter((name) => /\.(?:run|help|version|completion)$/.test(name))).toEqual([]);
  },
);

test.skipIf(why !== "")(
  `that is named by the text that it was made of, of which V8 knows the length only${why}`,
  () => {
    const folder = join(root, "dist/cli");
    const names = readdirSync(join(folder, "code"));
    expect(names.length).toBeGreaterThan(5);
    const digestOf = (piece: string) =>
      createHash("sha256")
        .update(readFileSync(join(folder, `${piece}.js`)))
        .digest("hex");
    for (const name of names) {
      const [, piece = "", digest = ""] = /^([^.]+)-([^.]+)\.[a-z]+\.v[^/]+$/.exec(name) ?? [];
      expect(digest, name).toMatch(/^[0-9a-f]{16}$/);
      expect(digestOf(piece)).toContain(digest);
    }
  },
);

test.skipIf(why !== "")(
  `the program as published holds what it loads, and not what was compiled for that${why}`,
  () => {
    const files = readdirSync(join(root, "dist"), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const loose = files
      .filter(({ parentPath }) => !/\/dist\/(?:cli|cli\/code|parts)$/.test(parentPath))
      .map(({ name }) => name);
    expect(loose.toSorted()).toEqual([
      "LICENSES.txt",
      "componentize-process.js",
      "components.js",
      "prepare-thread.js",
      "trial-thread.js",
      "worker.js",
      "wrap-process.js",
    ]);
    expect(files.length).toBeLessThan(200);
  },
);
