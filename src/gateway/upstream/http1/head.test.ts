import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Malformed } from "../../http1/malformed.ts";
import { readHead, type ResponseHead } from "./head.ts";

const parseHead = (text: string, method: string): ResponseHead => {
  const bytes = Buffer.from(`${text}\r\n\r\n`, "latin1");
  return readHead(bytes, bytes.length, method, undefined) as ResponseHead;
};
const head = (...lines: string[]): string => ["HTTP/1.1 200 OK", ...lines].join("\r\n");

describe("the head of a response", () => {
  it("keeps names, order and duplicates as received", () => {
    const parsed = parseHead(head("Content-Type: text/plain", "Set-Cookie: a=1", "set-cookie:  b=2 "), "GET");
    expect(parsed.lines.fields(0)).toEqual(["Content-Type", "text/plain", "Set-Cookie", "a=1", "set-cookie", "b=2"]);
  });

  it.each([
    ["content-length", head("Content-Length: 5"), "GET", { type: "length", length: 5 }],
    ["the same length twice", head("Content-Length: 5", "Content-Length: 5"), "GET", { type: "length", length: 5 }],
    ["chunked", head("Transfer-Encoding: Chunked"), "GET", { type: "chunked" }],
    ["neither: until the connection closes", head(), "GET", { type: "close" }],
    ["HEAD", head("Content-Length: 5"), "HEAD", { type: "none" }],
    ["204", "HTTP/1.1 204 No Content", "GET", { type: "none" }],
    ["304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9", "GET", { type: "none" }],
    ["no reason phrase", "HTTP/1.1 200\r\nContent-Length: 0", "GET", { type: "length", length: 0 }],
  ])("frames by %s", (_name, text, method, framing) => {
    expect(parseHead(text, method).framing).toEqual(framing);
  });

  it.each([
    ["both framings", head("Content-Length: 5", "Transfer-Encoding: chunked")],
    ["two lengths", head("Content-Length: 5", "Content-Length: 6")],
    ["a list of lengths", head("Content-Length: 5, 5")],
    ["a signed length", head("Content-Length: +5")],
    ["a hexadecimal length", head("Content-Length: 0x5")],
    ["an empty length", head("Content-Length:")],
    ["a length beyond counting", head("Content-Length: 99999999999999999999")],
    ["gzip, chunked", head("Transfer-Encoding: gzip, chunked")],
    ["chunked twice", head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")],
    ["identity", head("Transfer-Encoding: identity")],
    ["chunked by HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked"],
    ["obs-fold", head("X-A: 1", " folded")],
    ["a blank before the colon", head("X-A : 1")],
    ["no colon", head("X-A")],
    ["an empty name", head(": 1")],
    ["a bare CR", head("X-A: 1\rX-B: 2")],
    ["a bare LF", head("X-A: 1\nX-B: 2")],
    ["NUL", head("X-A: 1\0")],
    ["HTTP/2.0", "HTTP/2.0 200 OK"],
    ["lower case", "http/1.1 200 OK"],
    ["a status of two digits", "HTTP/1.1 20 OK"],
    ["a status below 100", "HTTP/1.1 099 No"],
    ["more headers than anybody needs", head(...Array.from({ length: 600 }, (_, index) => `X-${index}: 1`))],
  ])("refuses %s", (_name, text) => {
    expect(() => parseHead(text, "GET")).toThrow(Malformed);
  });

  it.each([
    ["HTTP/1.1", head("Content-Length: 0"), true],
    ["connection: close", head("Content-Length: 0", "Connection: Close"), false],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0", false],
    ["HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive", true],
    ["a body until close", head(), false],
  ])("knows whether the connection goes on: %s", (_name, text, reusable) => {
    expect(parseHead(text, "GET").reusable).toBe(reusable);
  });

  it("never throws anything but a Malformed, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, status) => {
        try {
          parseHead(status ? head(text) : text, "GET");
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
    );
  });
});
