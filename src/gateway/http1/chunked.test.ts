import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkedDecoder } from "./chunked.ts";
import { Malformed } from "./malformed.ts";

/** Feeds the text in pieces of the given sizes; answers body, trailers and what was left over. */
function decode(
  text: string,
  sizes: number[] = [text.length],
): { body: string; trailers: string; left: number; done: boolean } {
  const decoder = new ChunkedDecoder();
  let body = "";
  let rest = Buffer.from(text, "latin1");
  for (let turn = 0; rest.length > 0 && !decoder.done; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    const piece = rest.subarray(0, size);
    const taken = decoder.decode(piece, (data) => (body += data.toString("latin1")));
    rest = rest.subarray(taken);
  }
  return { body, trailers: decoder.trailers, left: rest.length, done: decoder.done };
}

describe("chunked framing", () => {
  it("joins chunks, drops extensions and keeps trailers", () => {
    const text = '4;name="v;x"\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n';
    expect(decode(text)).toEqual({ body: "Wikipedia", trailers: "X-Sum: 1\r\nX-Two: 2", left: 0, done: true });
  });

  it("hands on what came together as one piece", () => {
    const pieces: number[] = [];
    const taken = Buffer.from(`${"1\r\nx\r\n".repeat(1000)}0\r\n\r\n`);
    new ChunkedDecoder().decode(taken, (data) => pieces.push(data.length));
    expect(pieces).toEqual([1000]);
  });

  it("stops at its end and leaves the rest", () => {
    expect(decode("1\r\na\r\n0\r\n\r\nHTTP/1.1").left).toBe(8);
  });

  it.each([
    ["a bare LF after the size", "1\na\r\n0\r\n\r\n"],
    ["a signed size", "+1\r\na\r\n0\r\n\r\n"],
    ["0x", "0x1\r\na\r\n0\r\n\r\n"],
    ["an empty size", "\r\na\r\n"],
    ["a size that overflows", "fffffffffffffffff\r\na"],
    ["data longer than its size", "1\r\nab\r\n0\r\n\r\n"],
    ["a bare CR in an extension", "1;a\rb\r\na\r\n0\r\n\r\n"],
    ["an endless extension", `1;${"x".repeat(1000)}\r\na\r\n0\r\n\r\n`],
    ["endless trailers", `0\r\n${"x: y\r\n".repeat(5000)}\r\n`],
  ])("refuses %s", (_name, text) => {
    expect(() => decode(text)).toThrow(Malformed);
  });

  it("gives the same body however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", minLength: 1 })),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (pieces, sizes) => {
          const chunks = pieces.map((piece) => Buffer.from(piece));
          const text = `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk.toString("latin1")}\r\n`).join("")}0\r\n\r\n`;
          const seen = decode(text, sizes);
          expect(seen.body).toBe(Buffer.concat(chunks).toString("latin1"));
          expect(seen.done).toBe(true);
        },
      ),
    );
  });
});
