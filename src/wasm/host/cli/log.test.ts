import { expect, it } from "vitest";
import { loggerTo, type LogLine } from "../../../foundation/log/index.ts";
import { GuestLog, LogSink } from "./log.ts";

function sink(): { sink: LogSink; lines: string[] } {
  const lines: string[] = [];
  return { sink: new LogSink({ log: (_, text) => lines.push(text) > 0, dropLines: () => {} }, "stdout"), lines };
}

it("a character that two writes share is one, and what is left of one at the end is said to be broken", () => {
  const { sink: stdout, lines } = sink();
  for (const byte of Buffer.from("grüße 😀\n")) stdout.write(Buffer.from([byte]));
  stdout.write(Buffer.from("half ").subarray(0));
  stdout.push("\u00f0\u009f");
  stdout.end();
  stdout.write(Buffer.from("whole\r\n"));
  expect(lines).toEqual(["grüße 😀", "half \ufffd", "whole"]);
});

it("a long line is written in pieces before it ends", () => {
  const { sink: stdout, lines } = sink();
  stdout.write(Buffer.from("x".repeat(100_000)));
  expect(lines.length).toBeGreaterThan(1);
  stdout.write(Buffer.from("y\n"));
  expect(lines.join("")).toBe(`${"x".repeat(100_000)}y`);
});

it("so many bytes a second are written, whichever part of a line holds them", () => {
  const lines: LogLine[] = [];
  const log = new GuestLog(
    loggerTo((line) => void lines.push(line)),
    10_000,
  );
  log.line("info", "short", { context: "x".repeat(5000) });
  log.line("info", "short", { context: "x".repeat(5000) });
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "info short",
    "warn a component writes too much to its log: the rest of it is dropped",
  ]);
});

it("lines that would be dropped are counted, not looked at", () => {
  const lines: string[] = [];
  let dropped = 0;
  const log = (text: string): boolean => lines.push(text) < 3;
  const stdout = new LogSink({ log: (_, text) => log(text), dropLines: (more) => (dropped += more) }, "stdout");
  stdout.write(Buffer.from(`${"line\n".repeat(1000)}rest`));
  expect([lines, dropped]).toEqual([["line", "line", "line"], 997]);
  stdout.end();
  expect(lines.at(-1)).toBe("rest");
});
