import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { Malformed } from "../../http1/malformed.ts";
import { readRequestHead, type RequestHead } from "./head.ts";

/** A complete head. Undefined where it shows no end. */
const parseRequestHead = (text: string, most: number): RequestHead => {
  const bytes = Buffer.from(`${text}\r\n\r\n`, "latin1");
  return readRequestHead(bytes, bytes.length, most, undefined) as RequestHead;
};
const parse = (line: string, ...fields: string[]) =>
  parseRequestHead([line, "Host: shop.example", ...fields].join("\r\n"), 50);
const only = (...lines: string[]) => parseRequestHead(lines.join("\r\n"), 50);

describe("the head of a request", () => {
  it("keeps names, order and duplicates as received", () => {
    const head = parse("GET /a?b=c HTTP/1.1", "X-A: 1", "x-a:\t2 ");
    expect(head).toMatchObject({ method: "GET", target: "/a?b=c", authority: "shop.example", keepAlive: true });
    expect(head.lines.fields(0)).toEqual(["Host", "shop.example", "X-A", "1", "x-a", "2"]);
  });

  it.each([
    ["absolute form", () => parse("GET http://shop.example/a HTTP/1.1").target, "/a"],
    [
      "absolute form, whose host counts",
      () => parse("GET http://Other.example:81/a HTTP/1.1").authority,
      "Other.example:81",
    ],
    ["absolute form without Host", () => only("GET http://other.example HTTP/1.0").authority, "other.example"],
    ["origin form after that", () => parse("GET /a HTTP/1.1").authority, "shop.example"],
    ["absolute form without path", () => parse("GET http://SHOP.example?x HTTP/1.1").target, "/?x"],
    ["the star of OPTIONS", () => parse("OPTIONS * HTTP/1.1").target, "*"],
    ["a host with port", () => only("GET / HTTP/1.1", "Host: a.b:8080").authority, "a.b:8080"],
    ["an IPv6 host", () => only("GET / HTTP/1.1", "Host: [::1]:80").authority, "[::1]:80"],
    ["HTTP/1.0 without host", () => only("GET / HTTP/1.0").keepAlive, false],
    ["HTTP/1.0 that stays", () => parse("GET / HTTP/1.0", "Connection: Keep-Alive").keepAlive, true],
    ["connection: close", () => parse("GET / HTTP/1.1", "Connection: x, Close").keepAlive, false],
    ["a length", () => parse("POST / HTTP/1.1", "Content-Length: 5").framing, { type: "length", length: 5 }],
    ["chunked", () => parse("POST / HTTP/1.1", "Transfer-Encoding: chunked").framing, { type: "chunked" }],
    ["expect", () => parse("POST / HTTP/1.1", "Expect: 100-Continue").expectsContinue, true],
  ])("understands %s", (_name, act, expected) => {
    expect(act()).toEqual(expected);
  });

  it.each([
    ["lower-case method", () => parse("get / HTTP/1.1")],
    ["two blanks", () => parse("GET  / HTTP/1.1")],
    ["a tab", () => parse("GET\t/ HTTP/1.1")],
    ["HTTP/2.0", () => parse("GET / HTTP/2.0")],
    ["HTTP/1.2", () => parse("GET / HTTP/1.2")],
    ["no version", () => parse("GET /")],
    ["a fragment", () => parse("GET /a#b HTTP/1.1")],
    ["a target beyond ASCII", () => parse("GET /\xe4 HTTP/1.1")],
    ["a relative target", () => parse("GET a HTTP/1.1")],
    ["the star of GET", () => parse("GET * HTTP/1.1")],
    ["authority form", () => parse("GET shop.example:443 HTTP/1.1")],
    ["an absolute URL without Host", () => only("GET http://shop.example/ HTTP/1.1", "X: y")],
    ["an absolute URL and two Hosts", () => parse("GET http://shop.example/ HTTP/1.1", "host: shop.example")],
    ["an absolute URL and a Host that is none", () => only("GET http://shop.example/ HTTP/1.1", "Host: a b")],
    ["an absolute URL with a blank host", () => parse("GET http:///a HTTP/1.1")],
    ["an absolute URL with a port that is none", () => parse("GET http://shop.example:70000/ HTTP/1.1")],
    ["an absolute URL with user", () => parse("GET http://me@shop.example/ HTTP/1.1")],
    ["no host", () => only("GET / HTTP/1.1", "X: y")],
    ["two hosts", () => parse("GET / HTTP/1.1", "host: shop.example")],
    ["an empty host", () => only("GET / HTTP/1.1", "Host:")],
    ["a host with path", () => only("GET / HTTP/1.1", "Host: a/b")],
    ["a host with user", () => only("GET / HTTP/1.1", "Host: a@b")],
    ["a host with blank", () => only("GET / HTTP/1.1", "Host: a b")],
    ["both framings", () => parse("POST / HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked")],
    ["two lengths", () => parse("POST / HTTP/1.1", "Content-Length: 5", "Content-Length: 5")],
    ["a list of lengths", () => parse("POST / HTTP/1.1", "Content-Length: 5, 5")],
    ["a signed length", () => parse("POST / HTTP/1.1", "Content-Length: +5")],
    ["a negative length", () => parse("POST / HTTP/1.1", "Content-Length: -5")],
    ["a length with blank", () => parse("POST / HTTP/1.1", "Content-Length: 5 5")],
    ["an empty length", () => parse("POST / HTTP/1.1", "Content-Length: ")],
    ["gzip, chunked", () => parse("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked")],
    ["chunked twice", () => parse("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")],
    ["chunked, identity", () => parse("POST / HTTP/1.1", "Transfer-Encoding: chunked, identity")],
    ["xchunked", () => parse("POST / HTTP/1.1", "Transfer-Encoding: xchunked")],
    ["chunked with a vertical tab", () => parse("POST / HTTP/1.1", "Transfer-Encoding: \x0bchunked")],
    ["chunked in HTTP/1.0", () => parse("POST / HTTP/1.0", "Transfer-Encoding: chunked")],
    ["obs-fold", () => parse("GET / HTTP/1.1", "X-A: 1", " folded")],
    ["a blank before the colon", () => parse("GET / HTTP/1.1", "Content-Length : 5")],
    ["a name with NUL", () => parse("GET / HTTP/1.1", "X\0: 5")],
    ["a bare LF", () => parse("GET / HTTP/1.1", "X: 1\nContent-Length: 5")],
    ["a bare CR", () => parse("GET / HTTP/1.1", "X: 1\rContent-Length: 5")],
    ["a line without colon", () => parse("GET / HTTP/1.1", "X")],
    ["an unknown expectation", () => parse("GET / HTTP/1.1", "Expect: cookies")],
  ])("refuses %s", (_name, act) => {
    expect(act).toThrow(Malformed);
  });

  it("refuses more headers than its limit", () => {
    const many = Array.from({ length: 51 }, (_, index) => `x-${index}: 1`);
    expect(() => parse("GET / HTTP/1.1", ...many)).toThrow(/more than 50 headers/);
  });

  it("never throws anything else, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, started) => {
        try {
          parseRequestHead(started ? `GET / HTTP/1.1\r\nHost: a\r\n${text}` : text, 50);
        } catch (error) {
          expect(error instanceof Malformed || error instanceof BandstandError).toBe(true);
        }
      }),
    );
  });
});
