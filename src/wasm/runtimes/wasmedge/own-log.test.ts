import fc from "fast-check";
import { expect, it } from "vitest";
import { Output } from "./own-log.ts";

const own = "[2026-11-28 16:12:36.085] [error] execution failed: unreachable, Code: 0x40a\n";

/** What comes out of pieces, and what WasmEdge said. */
function through(pieces: string[], failed = true): [out: string, said: string] {
  let out = "";
  const output = new Output((bytes) => void (out += bytes.toString("latin1")));
  for (const piece of pieces) output.push(Buffer.from(piece, "latin1"));
  const said = output.end(failed);
  return [out, said];
}

it("takes WasmEdge's lines from the end of a program that failed, wherever they are cut", () => {
  const text = `one\n${own}${own}`;
  for (let at = 0; at <= text.length; at++)
    expect(through([text.slice(0, at), text.slice(at)])).toEqual(["one\n", own + own]);
});

it("leaves a program's own lines that look like them", () => {
  expect(through([own, "behind"])).toEqual([`${own}behind`, ""]);
  expect(through([own], false)).toEqual([own, ""]);
  expect(through(["[2026"])).toEqual(["[2026", ""]);
});

it("loses nothing of any output", () => {
  const part = fc.oneof(fc.constantFrom(own, "[", "\n", "[2026-11-28 16:12", "text"), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const bytes = parts.map((each) => Buffer.from(each).toString("latin1"));
      expect(through(bytes).join("")).toBe(bytes.join(""));
    }),
  );
});
