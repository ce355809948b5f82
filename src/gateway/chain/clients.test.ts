import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../foundation/http/index.ts";
import { compileClients, originOf, trusting, withTrace } from "./clients.ts";
import { enter } from "./entry.ts";

const plan = { trustedProxies: ["10.0.0.0/8", "fd00::/8", "192.0.2.7"], proxyProtocol: false, createTraces: false };
const clients = compileClients(plan);

function request(headers: string[]): HttpRequest {
  return { method: "GET", scheme: "http", authority: "a.example", target: "/", headers, body: undefined };
}

describe("who is believed", () => {
  it.each([
    ["10.255.0.1", true],
    ["11.0.0.1", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["fd12::1", true],
    ["fe80::1%eth0", false],
    ["::1", false],
    ["", false],
    ["unix", false],
  ])("%s: %s", (address, believed) => {
    expect(trusting(plan.trustedProxies)(address)).toBe(believed);
  });

  it.each([
    ["nobody", "", "10.0.0.1"],
    ["the client", "198.51.100.1", "198.51.100.1"],
    ["a client that lies of others before it", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    ["proxies of ours on the way", "1.1.1.1, 198.51.100.1, 10.0.0.9, fd00::1", "198.51.100.1"],
    ["IPv4 in the form of IPv6", "1.1.1.1, ::ffff:198.51.100.1, ::ffff:10.0.0.9", "198.51.100.1"],
    ["our proxies only", "10.0.0.8, 10.0.0.9", "10.0.0.8"],
    ["no address", "unknown, 10.0.0.9", "10.0.0.9"],
    ["a port behind the address", "198.51.100.1:80", "10.0.0.1"],
  ])("the client behind 10.0.0.1, where X-Forwarded-For has %s", (_name, way, client) => {
    const headers = way === "" ? [] : ["X-Forwarded-For", way];
    expect(originOf(request(headers), "10.0.0.1", clients).client).toBe(client);
    // Several lines are one list.
    const lines = way === "" ? [] : way.split(", ").flatMap((address) => ["x-forwarded-for", address]);
    expect(originOf(request(lines), "10.0.0.1", clients).client).toBe(client);
  });

  it("nobody but trusted proxies changes who the client is, whatever they say", () => {
    const name = fc.constantFrom(
      "X-Forwarded-For",
      "x_forwarded_for",
      "Forwarded",
      "X-Real-IP",
      "Via",
      "X-Forwarded-Proto",
    );
    const value = fc.constantFrom("10.0.0.1", "for=10.0.0.1", "https", "1.1 x", "");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        const one = request(pairs.flat());
        const exchange = { remoteAddress: "198.51.100.1", id: "r" };
        enter(one, exchange, { identity: new Set(), plainNames: false, clients });
        expect(exchange.remoteAddress).toBe("198.51.100.1");
        expect(one.headers).toEqual([
          "x-forwarded-for",
          "198.51.100.1",
          "x-forwarded-proto",
          "http",
          "x-forwarded-host",
          "a.example",
          "x-request-id",
          "r",
        ]);
      }),
    );
  });

  it("IPv6 stands in quotes in Forwarded (RFC 7239, section 6)", () => {
    const { headers } = originOf(request(["Forwarded", "for=a"]), "fd00::1", clients);
    expect(headers).toContain('for=a, for="[fd00::1]";host="a.example";proto=http');
  });
});

it("traces begin with other ids each time", () => {
  const made = new Set(Array.from({ length: 1000 }, () => withTrace([])[1]));
  expect(made.size).toBe(1000);
  for (const text of made) expect(text).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
});
