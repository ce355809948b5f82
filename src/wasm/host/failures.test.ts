import { expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo, type LogLine } from "../../foundation/log/index.ts";
import { FailureLog } from "./failures.ts";

const trapped = new BandstandError("component-trapped", "trapped: unreachable");
const halfSent = new BandstandError("request-malformed", "the request ended before its body was complete");

it("lists so many failed requests a second, and says how many more there were", () => {
  const lines: LogLine[] = [];
  let now = 5000;
  const log = new FailureLog(
    loggerTo((line) => void lines.push(line), { minimum: "debug" }),
    () => now,
  );
  for (let i = 0; i < 1000; i++) log.failed(trapped, `r${i}`);
  expect(lines).toHaveLength(51);
  expect(lines[0]).toMatchObject({
    level: "warn",
    message: "a request failed: trapped: unreachable",
    fields: { code: "component-trapped", request: "r0" },
  });
  expect(lines[50]!.message).toMatch(/not listed/);
  now = 6000;
  log.failed(trapped, "next");
  expect(lines.slice(51)).toMatchObject([{ fields: { requests: 950 } }, { fields: { request: "next" } }]);
});

it("warns of no component for what its clients do", () => {
  const lines: LogLine[] = [];
  const log = new FailureLog(loggerTo((line) => void lines.push(line), { minimum: "debug" }));
  for (let i = 0; i < 100; i++) log.failed(halfSent, "r");
  expect(lines).toHaveLength(100);
  expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(["debug"]));
});
