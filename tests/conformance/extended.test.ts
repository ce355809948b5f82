import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cors } from "./cors.table.ts";
import { startSite, type TestSite } from "./harness.ts";
import { retries } from "./retry.table.ts";
import { get, inShapeOf } from "./table.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

describe("CORS", () => {
  it.each(cors)("$test: $rule", async ({ ask, expected }) => {
    const before = site.backends["v1"]?.count();
    expect(inShapeOf(expected, await site.ask(ask))).toEqual(expected);
    if (expected.status === 204) expect(site.backends["v1"]?.count()).toBe(before);
  });
});

describe("retries", () => {
  it.each(retries)("$test: $rule", async ({ ask, expected, requests }) => {
    const before = site.backends["v3"]?.count() ?? 0;
    const reply = await site.ask(ask);
    expect(reply.status).toBe(expected.status);
    if (reply.status === 200) expect(reply.seen?.body.length).toBe(ask.body?.length ?? 0);
    expect((site.backends["v3"]?.count() ?? 0) - before).toBe(requests);
  });

  it("HTTPRouteRetry: the time between two tries is kept", async () => {
    const start = performance.now();
    expect((await site.ask(get("retry.example/backoff?status=500&fail=1&uuid=backoff"))).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(300);
  });
});

describe("mirrors", () => {
  /** Copies that a backend gets of requests to `path`, once there are so many and no more come. */
  const copies = async (backend: string, path: string, { count = 1, least = 1, more = {} } = {}) => {
    const before = site.backends[backend]?.taken().length ?? 0;
    const asked = get(`mirror.example/${path}`, {}, more);
    const replies = await Promise.all(Array.from({ length: count }, () => site.ask(asked)));
    expect(replies.every(({ status, seen }) => status === 200 && seen?.backend === "v1")).toBe(true);
    await expect.poll(() => site.backends[backend]?.taken().length).toBeGreaterThanOrEqual(before + least);
    await sleep(150);
    return (site.backends[backend]?.taken() ?? []).slice(before);
  };

  it("HTTPRouteRequestMirror: exactly one copy", async () => {
    const got = await copies("v2", "one?a=b", { more: { method: "POST", body: "some text" } });
    expect(got.map(({ path, method, body, host }) => [path, method, body, host])).toEqual([
      ["/one?a=b", "POST", "some text", "mirror.example"],
    ]);
  });

  it("HTTPRouteRequestMirror: a body that streams", async () => {
    const [got] = await copies("v2", "one", { more: { method: "POST", body: "y".repeat(300_000) } });
    expect(got?.body.length).toBe(300_000);
  });

  it("HTTPRouteRequestMultipleMirrors: one copy each", async () => {
    const [second, third] = await Promise.all([copies("v2", "two", { least: 2 }), copies("v3", "two", { least: 2 })]);
    // Both waited for both requests.
    expect([second.length, third.length]).toEqual([2, 2]);
  });

  it("HTTPRouteRequestMirror: with the headers that an earlier filter set", async () => {
    expect((await copies("v2", "modified"))[0]?.headers["x-set"]).toBe("new");
  });

  it("HTTPRouteRequestMirror: of a single backend", async () => {
    expect((await copies("v3", "backend")).length).toBe(1);
  });

  it.each([
    ["percent", 30, 110],
    ["fraction", 110, 190],
    ["zero", 0, 0],
  ])("HTTPRouteRequestPercentageMirror: %s", async (path, least, most) => {
    const { length } = await copies("v2", path, { count: 300, least });
    expect(length).toBeGreaterThanOrEqual(least);
    expect(length).toBeLessThanOrEqual(most);
  });

  it.each(["missing", "closed"])("HTTPRouteRequestMirror: a mirror that is %s changes nothing", async (path) => {
    expect(await copies("v2", path, { least: 0 })).toEqual([]);
  });

  it("HTTPRouteRequestMirror: a slow mirror slows nothing", async () => {
    const mirror = site.backends["v2"]!;
    const before = mirror.taken().length;
    const release = mirror.hold();
    expect((await site.ask(get("mirror.example/one"))).status).toBe(200);
    expect(mirror.taken().length).toBe(before);
    release();
    await expect.poll(() => mirror.taken().length).toBe(before + 1);
  });
});
