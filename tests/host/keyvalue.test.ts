import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SqliteStores } from "../../src/wasm/keyvalue/index.ts";
import { contextOf, load, requestOf, textOf, type Loaded } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "bandstand-keyvalue-"));
let stores: SqliteStores;
let component: Loaded;

beforeAll(async () => {
  stores = new SqliteStores(join(folder, "file"));
  component = await load("tests/guests/keyvalue", {
    host: {
      keyValue: (name) => (name === "visits" ? stores.open(name) : name === "none" ? "no-such-store" : "access-denied"),
    },
  });
});
afterAll(async () => {
  await component.close();
  stores.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(target: string, headers: string[] = []): Promise<string> {
  return textOf(await component.handle(requestOf({ target, headers }), contextOf()));
}

it("keeps what it was given, over requests that share nothing else", async () => {
  expect(await ask("/get/page")).toBe("none");
  expect(await ask("/set/page", ["x-value", "one"])).toBe("none");
  expect(await ask("/get/page")).toBe("one");
  expect([await ask("/has/page"), await ask("/has/other")]).toEqual(["yes", "no"]);
  expect(await ask("/del/page")).toBe("none");
  expect(await ask("/get/page")).toBe("none");
});

it("counts every request once, also the first, which begins again because it has to", async () => {
  const fresh = await load("tests/guests/keyvalue", { host: { keyValue: () => stores.open("fresh") } });
  const sums: string[] = [];
  for (let i = 0; i < 20; i++) {
    sums.push(await textOf(await fresh.handle(requestOf({ target: "/add/count" }), contextOf())));
  }
  expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
  await fresh.close();
});

it("swaps only what did not change, and gives the loser a fresh start", async () => {
  expect(await ask("/cas/place")).toBe("won lost won");
  expect(await ask("/get/place")).toBe("three");
});

it("sets, gets and deletes many", async () => {
  expect(await ask("/many")).toBe("b2 none a1 gone");
});

it("lists keys a thousand at a time", async () => {
  const store = stores.open("visits");
  store.setMany(Array.from({ length: 1000 }, (_, i) => [`key-${String(i).padStart(4, "0")}`, Buffer.from("x")]));
  expect(await ask("/all")).toMatch(/^key-0000 key-0001 .*\(1000, more\)$/);
});

it("opens what it was granted, and nothing else", async () => {
  expect(await ask("/get/x", ["x-store", "secrets"])).toBe("access denied");
  expect(await ask("/get/x", ["x-store", "none"])).toBe("no such store");
});

it("is told what is too much", async () => {
  expect(await ask(`/set/${"k".repeat(1025)}`)).toBe("other: a key of 1025 bytes, at most 1024 are allowed");
});
