import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeVerdict, encodeCheck } from "./check.ts";
import { all, decode, encode, integer, message, text } from "./protobuf.ts";

it("what was written is read: numbers over 32 bits, texts, messages in messages", () => {
  const bytes = encode([
    [1, 2 ** 40 + 5],
    [2, "größer"],
    [
      3,
      [
        [1, "a"],
        [16, "b"],
      ],
    ],
    [3, [[1, "last"]]],
    [4, 0],
  ]);
  const fields = decode(bytes);
  expect([integer(fields, 1), text(fields, 2), integer(fields, 4)]).toEqual([2 ** 40 + 5, "größer", 0]);
  expect(all(fields, 3)).toHaveLength(2);
  expect(text(message(fields, 3)!, 1)).toBe("last");
});

it("fields of kinds that nobody asks for are passed over", () => {
  const bytes = Buffer.concat([Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4]), encode([[2, "x"]])]);
  expect(text(decode(bytes), 2)).toBe("x");
});

it("whatever comes is a verdict or no answer, and lets through only what says so", () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 40 }).map((inner) =>
      encode([
        [1, []],
        [3, inner],
      ]),
    ),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      try {
        const verdict = decodeVerdict(bytes);
        if (verdict.allowed) expect(decode(bytes).has(1) || decode(bytes).has(3)).toBe(true);
        for (const { name, value } of verdict.headers) expect(`${name}${value}`).not.toMatch(/[\r\n\0]/);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});

it("a body that is no text goes as bytes", () => {
  const request = { method: "POST", scheme: "http", authority: "a", target: "/", headers: [], body: "" } as const;
  const asking = { id: "1", remoteAddress: "::1", port: 80, protocol: "HTTP/2" };
  const http = (body: Uint8Array) =>
    message(message(message(decode(encodeCheck({ ...request, headers: [] }, asking, body, undefined)), 1)!, 4)!, 2)!;
  expect([text(http(Buffer.from("é")), 11), all(http(Buffer.from([0xff])), 12)]).toEqual(["é", [Buffer.from([0xff])]]);
});
