import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../foundation/http/index.ts";
import { cgiEnvironment, cgiHead } from "./index.ts";

const context = { id: "1", remoteAddress: "192.0.2.1", onAbort: () => {} };
const request = (changes: Partial<HttpRequest>): HttpRequest => ({
  method: "GET",
  scheme: "http",
  authority: "shop.example:8080",
  target: "/",
  headers: [],
  body: undefined,
  ...changes,
});
const variables = (changes: Partial<HttpRequest>) => Object.fromEntries(cgiEnvironment(request(changes), context));

it("a head line of blanks that is none is refused at once", () => {
  const began = performance.now();
  expect(() => cgiHead(Buffer.from(`x:${" ".repeat(60_000)}\0\n\n`), true)).toThrow(/is no header line/);
  expect(performance.now() - began).toBeLessThan(500);
  const { headers } = cgiHead(Buffer.from("X: \t a b \t\n\n"), true)!;
  expect(headers).toEqual(["X", "a b"]);
});

describe("the variables of a request", () => {
  it("are those of RFC 3875", () => {
    const headers = ["Content-Type", "text/plain", "X-A", "1", "x-a", "2", "Cookie", "a=1", "cookie", "b=2"];
    expect(variables({ method: "POST", target: "/a%20b/c?d=%20e", headers, body: "12345" })).toEqual({
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: "bandstand",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_NAME: "shop.example",
      SERVER_PORT: "8080",
      REQUEST_METHOD: "POST",
      REQUEST_SCHEME: "http",
      REQUEST_URI: "/a%20b/c?d=%20e",
      SCRIPT_NAME: "",
      PATH_INFO: "/a b/c",
      QUERY_STRING: "d=%20e",
      REMOTE_ADDR: "192.0.2.1",
      REMOTE_HOST: "192.0.2.1",
      HTTP_HOST: "shop.example:8080",
      CONTENT_LENGTH: "5",
      CONTENT_TYPE: "text/plain",
      HTTP_X_A: "1, 2",
      HTTP_COOKIE: "a=1; b=2",
    });
  });

  it("hold nothing that a client could set to mislead", () => {
    const found = variables({ headers: ["Proxy", "evil", "x_user_id", "root", "Transfer-Encoding", "chunked"] });
    expect(Object.keys(found).filter((name) => /PROXY|USER|TRANSFER/.test(name))).toEqual([]);
    expect(variables({ target: "/%00/%zz" })["PATH_INFO"]).toBe("/%00/%zz");
  });

  it("know ports and schemes without a port", () => {
    expect(variables({ scheme: "https", authority: "a" })).toMatchObject({ SERVER_PORT: "443", HTTPS: "on" });
    expect(variables({ authority: "[::1]:81" })).toMatchObject({ SERVER_NAME: "[::1]", SERVER_PORT: "81" });
  });
});

describe("the head of an answer", () => {
  const head = (text: string, ended = false) => cgiHead(Buffer.from(text, "latin1"), ended);

  it("is read with either line end, and the rest is body", () => {
    for (const end of ["\n", "\r\n"]) {
      const found = head(["Status: 201 Made", "Content-Type: text/plain", "", "body"].join(end));
      expect({ ...found, rest: found?.rest.toString() }).toEqual({
        status: 201,
        headers: ["Content-Type", "text/plain"],
        rest: "body",
      });
    }
  });

  it("is 200 without a status, 302 with a location", () => {
    expect(head("Content-Type: a/b\n\n")?.status).toBe(200);
    expect(head("Location: /there\n\n")).toMatchObject({ status: 302, headers: ["Location", "/there"] });
  });

  it("needs more, or is refused where no more will come", () => {
    expect(head("Content-Type: a/b\n")).toBeUndefined();
    expect(() => head("Content-Type: a/b\n", true)).toThrow(/ends before an empty line/);
    expect(() => head("", true)).toThrow(/wrote nothing/);
    expect(() => head("hello world\n\n")).toThrow(/no header line/);
    expect(() => head("Status: 99\n\n")).toThrow(/from 200 to 599/);
    expect(() => head(`${"a: b\n".repeat(20_000)}`)).toThrow(/longer than/);
  });

  it("never lets a line end or the framing through", () => {
    expect(head("Transfer-Encoding: chunked\nConnection: close\nX: y\n\n")?.headers).toEqual(["X", "y"]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const found = cgiHead(Buffer.concat([Buffer.from("A: b\n"), bytes, Buffer.from("\n\n")]), true);
          expect(found!.headers.every((text) => !/[\r\n\0]/.test(text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "component-no-answer" });
        }
      }),
    );
  });
});
