import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildComponent } from "../../src/toolchains/index.ts";
import type { Guest, Pairs } from "./reference-host/index.ts";
import { loadGuest } from "./reference-host/index.ts";

let cache: string;
beforeAll(async () => void (cache = await mkdtemp(join(tmpdir(), "bandstand-storefront-"))));
afterAll(() => rm(cache, { recursive: true }));

async function load(name: string): Promise<Guest> {
  const folder = join(import.meta.dirname, "../../examples/storefront/components", name);
  return loadGuest((await buildComponent(folder, { cache })).bytes);
}

function pass(guest: Guest, headers: Pairs, body: string, method = "GET") {
  return guest.answer({ method }, { onwards: () => ({ status: 200, headers, body }) });
}

describe("transform", () => {
  const json: Pairs = [["content-type", "application/json; charset=utf-8"]];
  test("counts orders and pieces, and keeps the rest as it was", async () => {
    const body =
      '{"customer": "ad\\u00e1", "orders": [{"id": 12345678901234567890, "quantity": 2}, {"quantity": 3, "note": null}], "more": 1.50}';
    const answer = pass(
      await load("transform"),
      [...json, ["content-length", `${body.length}`], ["etag", '"1"']],
      body,
    );
    expect(answer.body).toBe(
      '{"customer":"adá","orders":[{"id":12345678901234567890,"quantity":2},{"quantity":3,"note":null}],"more":1.50,"count":2,"pieces":5}\n',
    );
    expect([answer.header("content-length"), answer.header("etag")]).toEqual([undefined, undefined]);
  });

  test("drops inner headers and says who served", async () => {
    const inner: Pairs = [
      ["x-internal-node", "a"],
      ["X-Internal-Pod", "b"],
      ["x-internal-node", "c"],
      ["x-kept", "d"],
    ];
    const answer = pass(await load("transform"), inner, "text");
    expect(answer.headers).toEqual([
      ["x-kept", "d"],
      ["x-served-by", "bandstand"],
    ]);
  });

  test.each([
    ["another type", [["content-type", "text/html"]] as Pairs, '{"orders": []}'],
    ["an encoding", [...json, ["content-encoding", "gzip"]] as Pairs, '{"orders": []}'],
    ["what is not JSON", json, '{"orders": ['],
    ["JSON without orders", json, '{"order": 1}'],
    ["more than 256 KiB", json, `{"orders": ["${"x".repeat(700_000)}"]}`],
  ])("passes %s through untouched", async (_name, headers, body) => {
    const answer = pass(await load("transform"), headers, body);
    expect(answer).toMatchObject({ body, complete: true });
  });
});

test("the two price lists", async () => {
  const one = (await load("pricing-v1")).answer({});
  const two = (await load("pricing-v2")).answer({});
  expect([one.header("x-pricing-version"), two.header("x-pricing-version")]).toEqual(["1", "2"]);
  const prices = JSON.parse(one.body).prices as { item: string; price: number }[];
  const reduced = JSON.parse(two.body).prices as { item: string; price: number; before: number }[];
  for (const [index, { item, price, before }] of reduced.entries()) {
    expect({ item, price: before }).toEqual(prices[index]);
    expect(price).toBeCloseTo(before * 0.9, 2);
  }
  expect((await load("pricing-v1")).answer({ method: "POST" }).status).toBe(405);
});

test("security-headers adds its headers and leaves the body alone", async () => {
  const body = "page ".repeat(30_000);
  const guest = await load("security-headers");
  const answer = guest.answer(
    {},
    { onwards: () => ({ status: 200, headers: [["x-content-type-options", "sniff"]], body }) },
  );
  expect(answer).toMatchObject({ status: 200, body, complete: true });
  expect(answer.header("x-content-type-options")).toBe("nosniff");
  expect(answer.header("content-security-policy")).toContain("default-src 'self'");
});
