import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../foundation/http/index.ts";
import type { ListenerPlan, MatchPlan, RoutePlan } from "../../model/plan/index.ts";
import { Malformed } from "../http1/malformed.ts";
import { Matcher } from "./matcher.ts";
import { referenceFind } from "./reference.ts";

const listener: ListenerPlan = { id: "l", address: "127.0.0.1", port: 80, protocol: "HTTP" };
const match = (type: MatchPlan["path"]["type"], value: string, more: Partial<MatchPlan> = {}): MatchPlan => ({
  path: { type, value },
  headers: [],
  query: [],
  ...more,
});
const route = (id: string, hostnames: string[], matches: MatchPlan[][]): RoutePlan => ({
  id,
  attachments: [{ listener: "l", hostnames }],
  rules: matches.map((list) => ({ matches: list, filters: [], backends: [], timeouts: {} })),
});
const request = (target: string, fields: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  scheme: "http",
  authority: "shop.example",
  target,
  headers: [],
  body: undefined,
  ...fields,
});
const matcherOf = (routes: RoutePlan[], listeners = [listener]): Matcher<string> =>
  new Matcher(listeners, routes, (owner, rule) => `${owner.id}#${owner.rules.indexOf(rule)}`);
const guarded = matcherOf([
  route(
    "r",
    [],
    [
      [match("PathPrefix", "/")],
      [match("PathPrefix", "/admin")],
      [match("Exact", "/files/a%2fb")],
      [match("PathPrefix", "/v;a=1")],
      [match("PathPrefix", "/v/admin")],
    ],
  ),
]);

describe("paths that two readers could read differently", () => {
  it.each([
    ["a dot segment", "/public/../admin"],
    ["a dot segment at the end", "/public/.."],
    ["an encoded dot segment", "/public/%2e%2E/admin"],
    ["a single dot", "/./admin"],
    ["a dot segment behind an encoded slash", "/public%2f..%2fadmin"],
    ["a dot segment with parameters", "/public/..;/admin"],
    ["backslashes", "/public\\..\\admin"],
    ["an encoded slash into a guarded prefix", "/admin%2Fusers"],
    ["a doubled slash before a guarded prefix", "//admin"],
    ["parameters of a guarded segment", "/admin;x=y/users"],
    ["an encoded backslash", "/admin%5Cusers"],
    ["an encoded slash behind parameters of the route", "/v;a=1/..%2fadmin"],
    ["a guarded prefix behind parameters of the route", "/v;a=1/admin/users"],
    ["broken percent-encoding", "/a%2"],
    ["no hexadecimal", "/a%zz"],
    ["an encoded NUL", "/a%00"],
  ])("refuses %s", (_name, target) => {
    expect(() => guarded.find(request(target))).toThrow(Malformed);
  });

  it.each([
    ["letters that need no encoding", "/%61dmin/users", "r#1"],
    ["an encoded slash that leads nowhere else", "/admin/projects/group%2Fname", "r#1"],
    ["an encoded slash that the exact path itself has", "/files/a%2Fb", "r#2"],
    ["parameters that the prefix itself has", "/v;a=1/b", "r#3"],
    ["parameters that the prefix itself has, beside a guarded one", "/v;a=1/administrators", "r#3"],
    ["doubled slashes inside", "/admin//users", "r#1"],
    ["dots that are no segments", "/.well-known/x..y/...", "r#0"],
    ["a dot segment in the query", "/?next=/../admin", "r#0"],
    ["other case", "/Admin", "r#0"],
  ])("takes %s", (_name, target, expected) => {
    expect(guarded.find(request(target))?.value).toBe(expected);
  });
});

describe("hosts", () => {
  const hosts = matcherOf([
    route("exact", ["shop.example"], [[match("PathPrefix", "/")]]),
    route("wild", ["*.shop.example"], [[match("PathPrefix", "/")]]),
    route("wilder", ["*.example"], [[match("PathPrefix", "/")]]),
  ]);
  it.each([
    ["shop.example", "exact#0"],
    ["SHOP.Example.:8080", "exact#0"],
    ["a.shop.example", "wild#0"],
    ["b.a.shop.example", "wild#0"],
    ["other.example", "wilder#0"],
    ["example", undefined],
    [".example", undefined],
    ["[::1]:80", undefined],
    [`${"a.".repeat(200)}example`, undefined],
  ])("%s", (authority, expected) => {
    expect(hosts.find(request("/", { authority }))?.value).toBe(expected);
  });
});

it("a condition on Host is one on who is asked, whatever the field says or whether there is one", () => {
  const headers = [{ type: "Exact" as const, name: "Host", value: "shop.example" }];
  const hosts = matcherOf([route("r", [], [[match("PathPrefix", "/", { headers })]])]);
  expect(hosts.find(request("/"))?.value).toBe("r#0");
  expect(hosts.find(request("/", { authority: "other.example", headers: ["Host", "shop.example"] }))).toBeUndefined();
});

const names = ["a", "b", "c"];
const hostnames = ["shop.example", "*.example", "*.shop.example", "a.shop.example", "b.a.shop.example"];
const segments = fc.array(fc.constantFrom(...names), { maxLength: 3 });
const path = fc
  .tuple(segments, fc.boolean())
  .map(([parts, slash]) => `/${parts.join("/")}${slash && parts.length > 0 ? "/" : ""}`);
const value = fc.record({
  type: fc.constantFrom("Exact" as const, "RegularExpression" as const),
  name: fc.constantFrom("x", "y"),
  value: fc.constantFrom("1", "2", "[12]+"),
});
const anyMatch: fc.Arbitrary<MatchPlan> = fc
  .record({
    path: fc.oneof(
      fc.record({ type: fc.constantFrom("Exact" as const, "PathPrefix" as const), value: path }),
      fc.record({ type: fc.constant("LastSegment" as const), value: fc.constantFrom(...names) }),
      fc.record({
        type: fc.constant("RegularExpression" as const),
        value: fc.constantFrom("/a.*", "/[abc]", "/[abx]", "/a/?b*/?", ".*"),
      }),
    ),
    method: fc.option(fc.constantFrom("GET", "POST"), { nil: undefined }),
    grpc: fc.option(fc.constant(true as const), { nil: undefined }),
    headers: fc.uniqueArray(value, { maxLength: 2, selector: ({ name }) => name }),
    query: fc.uniqueArray(value, { maxLength: 2, selector: ({ name }) => name }),
  })
  .map(({ method, ...rest }) => (method === undefined ? rest : { ...rest, method }));
const anyRoute = fc.record({
  created: fc.option(fc.constantFrom("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), { nil: undefined }),
  attachments: fc.array(
    fc.record({
      listener: fc.constantFrom("l", "m", "n"),
      hostnames: fc.uniqueArray(fc.constantFrom(...hostnames), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  rules: fc.array(fc.array(anyMatch, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
});
const anyRequest = fc
  .record({
    method: fc.constantFrom("GET", "POST"),
    authority: fc.constantFrom("shop.example", "a.shop.example:80", "B.a.shop.example", "x.example", "elsewhere"),
    path,
    query: fc.constantFrom("", "?x=1", "?x=2&y=1", "?x=1&x=2", "?y=%31"),
    headers: fc.constantFrom<string[]>(
      [],
      ["X", "1"],
      ["x", "1", "Y", "2"],
      ["x", "1", "x", "2"],
      ["content-type", "application/grpc"],
    ),
  })
  .map(({ query, path: plain, ...rest }) => request(`${plain}${query}`, rest));

describe("the matcher", () => {
  it("decides as the naive reference does", () => {
    const listeners = [
      listener,
      { ...listener, id: "m", hostname: "*.example" },
      { ...listener, id: "n", hostname: "a.shop.example" },
    ];
    fc.assert(
      fc.property(
        fc.array(anyRoute, { minLength: 1, maxLength: 6 }),
        fc.array(anyRequest, { minLength: 1, maxLength: 8 }),
        (drafts, requests) => {
          const routes: RoutePlan[] = drafts.map(({ created, attachments, rules }, index) => ({
            id: `default/${"cab"[index % 3]}${index}`,
            ...(created === undefined ? {} : { created }),
            attachments,
            rules: rules.map((matches) => ({ matches, filters: [], backends: [], timeouts: {} })),
          }));
          const matcher = matcherOf(routes, listeners);
          for (const one of requests) expect(matcher.find(one)?.value).toBe(referenceFind(listeners, routes, one));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("costs the same for ten routes and for ten thousand, whatever the path", () => {
    const many = (count: number): Matcher<string> =>
      matcherOf(
        Array.from({ length: count }, (_, index) =>
          route(`r/${index}`, index % 2 === 0 ? [`h${index}.example`] : [], [
            [match("PathPrefix", `/p${index}/q`)],
            [match("Exact", `/e${index}`)],
          ]),
        ),
      );
    const time = (matcher: Matcher<string>): number => {
      const targets = [
        request("/p7/q/x/y"),
        request("/e9"),
        request("/nothing/here"),
        request(`/${"a/".repeat(5000)}`),
      ];
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 5; round++) {
        const start = performance.now();
        for (let turn = 0; turn < 3000; turn++) matcher.find(targets[turn % 3] as HttpRequest);
        for (let turn = 0; turn < 20; turn++) matcher.find(targets[3] as HttpRequest);
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    const few = time(many(10));
    expect(time(many(10_000))).toBeLessThan(few * 5 + 5);
  });
});
