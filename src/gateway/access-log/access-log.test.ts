import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessLog, type AccessEntry } from "./access-log.ts";
import { giveBack } from "./places.ts";

const usual: AccessEntry = {
  named: { id: "r-1" },
  remote: "192.0.2.1",
  method: "GET",
  authority: "shop.example",
  target: "/",
  status: 200,
  ended: performance.now(),
  duration: 1.5,
  route: "default/r",
  backend: "Service/default/s:80",
  error: undefined,
};

const pieces: Uint8Array[] = [];
const kept: Uint8Array[] = [];
const log = new AccessLog(
  "all",
  (lines) => {
    pieces.push(Uint8Array.from(lines));
    // Some are kept for longer.
    kept.push(lines);
    if (kept.length > 7) giveBack(kept.shift()!);
  },
  (count) => expect.fail(`${count} lines were lost`),
);

function linesOf(entries: AccessEntry[]): { lines: string[]; pieces: number } {
  for (const entry of entries) log.add(entry);
  log.flush();
  const written = pieces.splice(0);
  const text = Buffer.concat(written).toString("utf8");
  expect(text.endsWith("\n")).toBe(true);
  return { lines: text.slice(0, -1).split("\n"), pieces: written.length };
}

describe("access log lines", () => {
  it("have these fields, in this order", () => {
    const ended = performance.now();
    const before = Date.now();
    const { lines } = linesOf([{ ...usual, ended }]);
    const line = lines[0] as string;
    expect(line.replace(/^{"time":"[^"]*"/, '{"time":"T"')).toBe(
      '{"time":"T","id":"r-1","remote":"192.0.2.1","method":"GET","authority":"shop.example","target":"/",' +
        '"status":200,"seconds":0.001500,"route":"default/r","backend":"Service/default/s:80"}',
    );
    const { time } = JSON.parse(line) as { time: string };
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(time)).toBeGreaterThan(before - 1000);
    expect(Date.parse(time)).toBeLessThan(Date.now() + 1000);
  });

  it("say what was asked, whatever a client wrote, without anything that a terminal obeys", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const seconds = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, seconds), { minLength: 1, maxLength: 5 }), (all) => {
        const entries = all.map(([authority, target, duration], index): AccessEntry => {
          const error = index % 3 === 0 ? "client-gone" : undefined;
          return { ...usual, authority, target, duration, route: index % 2 === 0 ? "a/b" : "", error };
        });
        const { lines } = linesOf(entries);
        // oxlint-disable-next-line no-control-regex -- they are what this is about
        expect(lines.some((line) => /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/.test(line))).toBe(false);
        const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        expect(read.map(({ authority, target, route, error }) => [authority, target, route, error])).toEqual(
          entries.map(({ authority, target, route, error }) => [authority, target, route, error]),
        );
        const written = lines.map((line) => /"seconds":([^,]*),/.exec(line)?.[1]);
        expect(written).toEqual(entries.map(({ duration }) => (Math.round(duration * 1000) / 1e6).toFixed(6)));
      }),
    );
  });

  it("are whole, however long and many they are", () => {
    const long = `/${"\u0001".repeat(30_000)}`;
    const { lines, pieces: count } = linesOf([
      usual,
      { ...usual, target: long },
      ...Array.from({ length: 5000 }, () => usual),
    ]);
    expect(lines.length).toBe(5002);
    expect(count).toBeGreaterThan(14);
    expect((JSON.parse(lines[1] as string) as { target: string }).target).toBe(long);
    expect(lines.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual(lines.map(() => 200));
  });

  it("are lost, and counted, where nobody takes them, also those that need a place of their own", () => {
    const held: Uint8Array[] = [];
    let lost = 0;
    const stuck = new AccessLog(
      "all",
      (lines) => void held.push(lines),
      (count) => (lost += count),
    );
    const long = { ...usual, target: `/${"\u0001".repeat(30_000)}` };
    for (let turn = 0; turn < 80; turn++) {
      stuck.add(long);
      for (let line = 0; line < 1000; line++) stuck.add(usual);
    }
    stuck.flush();
    const text = () => Buffer.concat(held).toString("utf8");
    const written = text().split("\n").length - 1;
    expect(written + lost).toBe(80 * 1001);
    expect(lost).toBeGreaterThan(40_000);
    expect(Buffer.concat(held).length).toBeLessThan(70 * 200_000);
    for (const lines of held.splice(0)) giveBack(lines);
    const before = lost;
    stuck.add(usual);
    stuck.flush();
    expect([lost, text().split("\n").length]).toEqual([before, 2]);
  });
});
