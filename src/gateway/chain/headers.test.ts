import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { compileEdits } from "./edit-headers.ts";
import { enter, nameKey } from "./entry.ts";
import { isHopByHop, withoutHopByHop } from "../http1/hop-by-hop.ts";

const request = (headers: string[], body?: HttpRequest["body"]): HttpRequest => ({
  method: "GET",
  scheme: "http",
  authority: "shop.example",
  target: "/",
  headers,
  body,
});
const identity = new Set(["x-user"]);
const names = fc.constantFrom(
  "x-user",
  "X_USER",
  "x_User",
  "X-Forwarded-For",
  "x_forwarded_proto",
  "Forwarded",
  "X-Real_IP",
  "TE",
  "Connection",
  "Upgrade",
  "Host",
  "Expect",
  "Keep-Alive",
  "X-Kept",
  "x-useR2",
  "x-for",
);
const headers = fc
  .array(fc.tuple(names, fc.constantFrom("a", "b", "close, x-kept", "X-Kept")))
  .map((pairs) => pairs.flat());

describe("headers at entry", () => {
  it("leave nothing of the connection, of identity or of origin, and keep the order of the rest", () => {
    fc.assert(
      fc.property(headers, (list) => {
        const one = request([...list]);
        enter(one, { remoteAddress: "10.0.0.1", id: "r-1" }, { identity, plainNames: false });
        const kept = one.headers.slice(0, -8);
        const left = kept.filter((_text, index) => index % 2 === 0);
        for (const name of left) {
          expect(isHopByHop(name)).toBe(false);
          expect(["x-user", "host", "expect", "forwarded", "x-real-ip"]).not.toContain(nameKey(name));
          expect(nameKey(name)).not.toMatch(/^x-forwarded-/);
        }
        const listed = list.some(
          (text, index) => index % 2 === 1 && text !== "a" && text !== "b" && list[index - 1] === "Connection",
        );
        const wanted = list.filter((_text, index) =>
          ["x-kept", "x-user2", "x-for"].includes((list[index - (index % 2)] ?? "").toLowerCase()),
        );
        expect(kept).toEqual(
          listed
            ? wanted.filter((_text, index) => (wanted[index - (index % 2)] ?? "").toLowerCase() !== "x-kept")
            : wanted,
        );
        expect(one.headers.slice(-8)).toEqual([
          "x-forwarded-for",
          "10.0.0.1",
          "x-forwarded-proto",
          "http",
          "x-forwarded-host",
          "shop.example",
          "x-request-id",
          "r-1",
        ]);
      }),
    );
  });

  it("keep the name that a request has", () => {
    const one = request(["X-Request-ID", "outer", "traceparent", "00-a-b-01"]);
    enter(one, { remoteAddress: "10.0.0.1", id: "r-1" }, { identity, plainNames: false });
    expect(one.headers.slice(0, 4)).toEqual(["X-Request-ID", "outer", "traceparent", "00-a-b-01"]);
    expect(one.headers).not.toContain("r-1");
  });

  it("leave out names that a backend could read as another one, behind a middleware", () => {
    const list = ["x_user_id", "1", "X.User", "2", "X-User", "3", "x_user", "4", "x~user", "5", "x-trace", "6"];
    const names = (plainNames: boolean): string[] => {
      const one = request([...list]);
      enter(one, { remoteAddress: "10.0.0.1", id: "r-1" }, { identity, plainNames });
      return one.headers.slice(0, -8).filter((_text, index) => index % 2 === 0);
    };
    expect(names(false)).toEqual(["x_user_id", "x-trace"]);
    expect(names(true)).toEqual(["x-trace"]);
  });

  it("never hold Proxy, in which programs behind CGI believe", () => {
    const one = request(["Proxy", "http://evil.example", "pROXY", "x"]);
    enter(one, { remoteAddress: "10.0.0.1", id: "r-1" }, { identity: new Set(), plainNames: false });
    expect(one.headers).not.toContain("http://evil.example");
    expect(one.headers.map((text) => text.toLowerCase())).not.toContain("proxy");
  });

  it("strip the same from trailers", async () => {
    const body = new BodyQueue({});
    const one = request([], body);
    enter(one, { remoteAddress: "10.0.0.1", id: "r-1" }, { identity, plainNames: false });
    body.end(["X-User", "eve", "x-sum", "1", "X_User", "eve", "Transfer-Encoding", "gzip"]);
    const seen = one.body as BodyQueue;
    expect(await seen.read()).toBeUndefined();
    expect(seen.trailers).toEqual(["x-sum", "1"]);
  });
});

describe("headers of responses", () => {
  it("are the same array where nothing has to go", () => {
    const list = ["content-type", "text/plain", "Set-Cookie", "a=1", "set-cookie", "b=2"];
    expect(withoutHopByHop(list)).toBe(list);
    expect(withoutHopByHop([...list, "Connection", "x-a, close", "X-A", "1"])).toEqual(list);
  });
});

describe("header modifiers", () => {
  it("do nothing for what they do not name", () => {
    const edit = compileEdits({ set: [{ name: "A", value: "1" }], add: [{ name: "b", value: "2" }], remove: ["C"] });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "A", "B", "c", "d", "E"), fc.string())), (pairs) => {
        const edited = edit.apply(pairs.flat());
        const expected = pairs.filter(([name]) => !["a", "c"].includes(name.toLowerCase())).flat();
        expect(edited).toEqual([...expected, "A", "1", "b", "2"]);
      }),
    );
  });
});
