import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyValueLimits } from "./contract.ts";
import { SqliteStores } from "./index.ts";

let folder: string;
let stores: SqliteStores;
const file = (): string => join(folder, "stores.sqlite");
const source = join(import.meta.dirname, "sqlite.ts");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bandstand-stores-"));
  stores = new SqliteStores(file());
});
afterEach(() => {
  stores.close();
  rmSync(folder, { recursive: true, force: true });
});

test("behaves as a map does, whatever is done with it", () => {
  const key = fc.constantFrom("", "a", "b", "ä", "\u{1f600}", "a\0b");
  const value = fc.uint8Array({ maxLength: 8 });
  const step = fc.oneof(
    fc.record({ act: fc.constant("set" as const), key, value }),
    fc.record({ act: fc.constant("delete" as const), key }),
    fc.record({ act: fc.constant("swap" as const), key, value, before: fc.option(value, { nil: undefined }) }),
  );
  let round = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const store = stores.open(`round-${round++}`);
      const model = new Map<string, string>();
      const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
      for (const each of steps) {
        if (each.act === "set") {
          store.set(each.key, each.value);
          model.set(each.key, text(each.value));
        } else if (each.act === "delete") {
          store.delete(each.key);
          model.delete(each.key);
        } else {
          const same = model.get(each.key) === (each.before && text(each.before));
          expect(store.swap(each.key, each.before, each.value)).toBe(same);
          if (same) model.set(each.key, text(each.value));
        }
      }
      const keys = [...model.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(store.keys(undefined, 100)).toEqual(keys);
      for (const [name, hex] of model) expect(text(store.get(name)!)).toBe(hex);
    }),
    { numRuns: 100 },
  );
});

test("pages of keys go on where the last one ended", () => {
  const store = stores.open("a");
  store.setMany(["", "x", "y", "z"].map((key) => [key, Buffer.from("v")]));
  stores.open("b").set("other", Buffer.from("v"));
  expect(store.keys(undefined, 2)).toEqual(["", "x"]);
  expect(store.keys("x", 2)).toEqual(["y", "z"]);
  expect(store.keys("z", 2)).toEqual([]);
});

test("limits are said, and nothing of what is too much is kept", () => {
  const store = stores.open("a");
  expect(() => store.set("k", Buffer.alloc(keyValueLimits.value + 1))).toThrow(/at most 1048576 are kept/);
  const many = [["good", Buffer.from("v")] as const, ["bad".repeat(1000), Buffer.from("v")] as const];
  expect(() => store.setMany(many)).toThrow(/a key of 3000 bytes/);
  expect(store.has("good")).toBe(false);
  const value = Buffer.alloc(keyValueLimits.value);
  for (let i = 0; i < 255; i++) store.set(`key-${i}`, value);
  expect(() =>
    store.setMany([
      ["last", value],
      ["one more", value],
    ]),
  ).toThrow(/full: it holds 268435456 bytes/);
  store.delete("key-0");
  store.set("key-0", value);
});

test("numbers are numbers of 64 bits, or nothing is changed", () => {
  const store = stores.open("a");
  expect([store.increment("n", 5n), store.increment("n", -7n)]).toEqual([5n, -2n]);
  expect(Buffer.from(store.get("n")!).toString()).toBe("-2");
  store.set("text", Buffer.from("one"));
  expect(() => store.increment("text", 1n)).toThrow(/no whole number/);
  store.increment("big", 2n ** 63n - 1n);
  expect(() => store.increment("big", 1n)).toThrow(/does not fit 64 bits/);
  expect(store.increment("big", 0n)).toBe(2n ** 63n - 1n);
});

test("several threads count together without losing one", async () => {
  const code = `
    const { workerData } = require("node:worker_threads");
    import(workerData.source).then(({ SqliteStores }) => {
      const stores = new SqliteStores(workerData.file);
      for (let i = 0; i < 200; i++) stores.open("a").increment("n", 1n);
      stores.close();
    });`;
  const threads = Array.from(
    { length: 3 },
    () => new Worker(code, { eval: true, workerData: { source, file: file() }, execArgv: [] }),
  );
  await Promise.all(threads.map((thread) => once(thread, "exit")));
  expect(stores.open("a").increment("n", 0n)).toBe(600n);
});

test("threads that make a file at the same moment all have it", async () => {
  const code = `
    const { workerData } = require("node:worker_threads");
    import(workerData.source).then(({ SqliteStores }) => {
      const met = new Int32Array(workerData.met);
      for (let round = 1; round <= 100; round++) {
        Atomics.add(met, 0, 1);
        while (Atomics.load(met, 0) < 2 * round);
        new SqliteStores(workerData.file + round).close();
      }
    }).catch((error) => { console.error(error); process.exit(1); });`;
  const workerData = { source, file: file(), met: new SharedArrayBuffer(4) };
  const threads = Array.from({ length: 2 }, () => new Worker(code, { eval: true, workerData, execArgv: [] }));
  // One that fails leaves the other waiting.
  const ends = threads.map((thread) =>
    once(thread, "exit").then(([exit]) => {
      if (exit !== 0) threads.forEach((each) => void each.terminate());
      return exit as number;
    }),
  );
  expect(await Promise.all(ends)).toEqual([0, 0]);
});

test("what was set is there after the process was killed", async () => {
  const code = `
    import { SqliteStores } from ${JSON.stringify(source)};
    const store = new SqliteStores(process.argv[1]).open("a");
    for (let i = 0; ; i++) { store.set("last", Buffer.from(String(i))); console.log(i); }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, file()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  for await (const piece of child.stdout) {
    said += String(piece);
    if (said.length > 500) break;
  }
  child.kill("SIGKILL");
  await once(child, "close");
  const last = Number(said.trimEnd().split("\n").at(-2));
  expect(Number(Buffer.from(stores.open("a").get("last")!).toString())).toBeGreaterThanOrEqual(last);
});

test("a damaged file is refused by name, and left as it is", () => {
  const damaged = join(folder, "damaged");
  writeFileSync(damaged, "this is no database, whatever its name says".repeat(100));
  expect(() => new SqliteStores(damaged)).toThrow(
    expect.objectContaining({ code: "state-refused", remedy: expect.stringContaining(`mv ${damaged}`) }),
  );
  expect(readFileSync(damaged, "latin1")).toMatch(/^this is no database/);
});
