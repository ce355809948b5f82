import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backends } from "./backends.table.ts";
import { filters } from "./filters.table.ts";
import { startSite, type Asked, type TestSite } from "./harness.ts";
import { conditions, namespaces } from "./namespaces.table.ts";
import { matching } from "./matching.table.ts";
import { get, inShapeOf, type Row } from "./table.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const check = async ({ ask, expected }: Row): Promise<void> => {
  const reply = await site.ask(ask);
  expect(inShapeOf(expected, reply)).toEqual(expected);
};

describe("matching", () => {
  it.each(matching)("$test: $rule", check);
});

describe("filters", () => {
  // The listener's port is part of a redirect, and only known when the site runs.
  it.each(filters(0).map(({ test, rule }, index) => ({ test, rule, index })))("$test: $rule", ({ index }) =>
    check(filters(site.ports.http)[index] as Row),
  );
});

describe("backends", () => {
  it.each(backends)("$test: $rule", check);
});

async function shares(asked: Asked, count: number): Promise<Record<string, number>> {
  const replies = await Promise.all(Array.from({ length: count }, () => site.ask(asked)));
  const names = replies.map(({ seen, status }) => seen?.backend ?? String(status));
  return Object.fromEntries(
    Object.entries(Object.groupBy(names, (name) => name)).map(([name, list]) => [name, list?.length ?? 0]),
  );
}

describe("namespaces and services", () => {
  it.each(namespaces)("$test: $rule", check);
});

describe("conditions", () => {
  it.each(conditions)("%s", (place, expected) => {
    const [kind, name, part] = place.split("/");
    const { gateways, routes } = site.planned.plan.conditions;
    const gateway = gateways.find((each) => each.name === name);
    const route = routes.find((each) => each.name === name);
    const found =
      kind === "HTTPRoute"
        ? route?.parents[Number(part)]
        : part === undefined
          ? gateway
          : gateway?.listeners.find((listener) => listener.name === part);
    expect(found?.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual(expected);
  });
});

it("attachedRoutes counts the routes that are accepted", () => {
  const { gateways, routes } = site.planned.plan.conditions;
  const listener = gateways.find(({ name }) => name === "gateway")?.listeners.find(({ name }) => name === "http");
  const named = routes.flatMap(({ name, parents }) =>
    parents
      .filter(({ parentRef: { name: of, sectionName = "http", port = site.ports.http } }) => {
        return of === "gateway" && sectionName === "http" && port === site.ports.http;
      })
      .map(({ conditions: [accepted] }) => ({ name, accepted: accepted?.status === "True" })),
  );
  expect(named).toContainEqual({ name: "dropped-all", accepted: false });
  expect(listener?.attachedRoutes).toBe(named.filter(({ accepted }) => accepted).length);
});

describe("weights", () => {
  it("HTTPRouteWeight: 90, 10 and 0", async () => {
    const { v1 = 0, v2 = 0, ...others } = await shares(get("weights.example/split"), 500);
    expect(others).toEqual({});
    expect(v1 / 500).toBeGreaterThan(0.8);
    expect(v2 / 500).toBeGreaterThan(0.04);
  });

  it("HTTPRouteInvalidBackendRef: the share of an unresolvable backend is answered with 500", async () => {
    const got = await shares(get("weights.example/half"), 200);
    expect(Object.keys(got).toSorted()).toEqual(["500", "v1"]);
    expect(got["500"]).toBeGreaterThan(60);
  });

  it("services and components share", async () => {
    expect(Object.keys(await shares(get("weights.example/kinds"), 100)).toSorted()).toEqual(["200", "v1"]);
  });
});

describe("sessions", () => {
  const same = async (asked: Asked): Promise<boolean> => Object.keys(await shares(asked, 30)).length === 1;

  it("HTTPRouteSessionPersistenceCookie: requests with the cookie go to one backend", async () => {
    const first = await site.ask(get("session.example/cookie"));
    const cookie = first.headers["set-cookie"] ?? "";
    expect(cookie).toMatch(/^sid=[\w-]+; Path=\/cookie; HttpOnly; SameSite=Lax$/);
    const sent = { cookie: `other=1; ${cookie.split(";")[0]}` };
    expect(await same(get("session.example/cookie", sent))).toBe(true);
    const second = await site.ask(get("session.example/cookie", sent));
    expect(second.seen?.backend).toBe(first.seen?.backend);
    expect(second.headers["set-cookie"]).toBeUndefined();
    expect(await same(get("session.example/cookie"))).toBe(false);
  });

  it("HTTPRouteSessionPersistenceHeader: the same by a header", async () => {
    const first = await site.ask(get("session.example/header"));
    const token = first.headers["x-session"] ?? "";
    expect(await same(get("session.example/header", { "X-Session": token }))).toBe(true);
    // Rules share no session, also where it is called the same.
    expect(await same(get("session.example/too", { "X-Session": token }))).toBe(false);
  });

  it("HTTPRouteSessionPersistenceCookie: a permanent cookie says its age", async () => {
    const { headers } = await site.ask(get("session.example/permanent"));
    expect(headers["set-cookie"]).toMatch(/; Max-Age=3600$/);
  });

  it("a token that was tampered with, or of another route, counts as none", async () => {
    const { headers } = await site.ask(get("session.example/cookie"));
    const value = /sid=([\w-]+)/.exec(headers["set-cookie"] ?? "")?.[1] ?? "";
    const flipped = value.startsWith("A") ? `B${value.slice(1)}` : `A${value.slice(1)}`;
    expect(await same(get("session.example/cookie", { cookie: `sid=${flipped}` }))).toBe(false);
    expect(await same(get("session.example/permanent", { cookie: `pid=${value}` }))).toBe(false);
  });

  it("a session ends with its absolute timeout", async () => {
    const { headers } = await site.ask(get("session.example/short"));
    const cookie = (headers["set-cookie"] ?? "").split(";")[0] ?? "";
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const later = await site.ask(get("session.example/short", { cookie }));
    expect(later.headers["set-cookie"]).toMatch(/^brief=/);
  });
});
