import type { LookupAddress } from "node:dns";
import { expect, it } from "vitest";
import { guardedLookup, type Resolve } from "./index.ts";

/** A resolver that answers when it is told to. */
function slowly(): { asked: string[]; answer: (...found: string[]) => void; resolve: Resolve } {
  const asked: string[] = [];
  const waiting: Parameters<Resolve>[1][] = [];
  const resolve: Resolve = (host, done) => {
    asked.push(host);
    waiting.push(done);
  };
  const answer = (...found: string[]): void => {
    const addresses = found.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
    waiting.shift()!(null, addresses);
  };
  return { asked, answer, resolve };
}

it("asks once for all that connect to a name at a time, and again for the next", () => {
  const { asked, answer, resolve } = slowly();
  const lookup = guardedLookup(resolve);
  const found: unknown[] = [];
  const ask = (host: string): void => lookup(host, { all: true }, (error, addresses) => found.push(error ?? addresses));
  for (let i = 0; i < 64; i++) ask("api.example.com");
  ask("other.example.com");
  expect(asked).toEqual(["api.example.com", "other.example.com"]);
  answer("192.0.2.1", "127.0.0.1");
  expect(found).toEqual(Array.from({ length: 64 }, () => [{ address: "192.0.2.1", family: 4 }]));
  // Nobody may change what others got.
  expect(new Set(found).size).toBe(64);
  ask("api.example.com");
  expect(asked).toHaveLength(3);
});

it("refuses all of them where a name leads to this machine", () => {
  const { answer, resolve } = slowly();
  const lookup = guardedLookup(resolve);
  const codes: unknown[] = [];
  for (let i = 0; i < 2; i++) lookup("api.example.com", {}, (error) => codes.push(error?.code));
  answer("127.0.0.1", "::ffff:169.254.169.254");
  expect(codes).toEqual(["component-denied", "component-denied"]);
});

it.each(["", "a\0b"])("tells each who asks for %j, which the system does not take for a name", (host) => {
  const lookup = guardedLookup();
  const codes: unknown[] = [];
  for (let i = 0; i < 2; i++) lookup(host, { all: true }, (error) => codes.push(error?.code));
  expect(codes).toEqual(["ERR_INVALID_ARG_VALUE", "ERR_INVALID_ARG_VALUE"]);
});
