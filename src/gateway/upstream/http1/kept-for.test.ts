import { expect, it } from "vitest";
import { readHead } from "./head.ts";
import { keptFor } from "./kept-for.ts";

it.each([
  ["keep-alive: timeout=5", 5000],
  ["Keep-Alive: timeout=5, max=100", 5000],
  ["keep-alive: max=100,TIMEOUT=15", 15_000],
  ["keep-alive: timeout=0", 0],
  ["keep-alive: max=100", undefined],
  ["keep-alive: xtimeout=5", undefined],
  ["keep-alive: timeout=99999999999", undefined],
  ["connection: keep-alive", undefined],
  ["x-keep-alive: timeout=5", undefined],
])("%s: %s", (line, expected) => {
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${line}\r\ncontent-length: 0\r\n\r\n`);
  const head = readHead(bytes, bytes.length, "GET", undefined);
  expect(head && keptFor(head.lines)).toBe(expected);
});
