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
  for (let i = 0; i < 1000; i++) log.failed(trapped, { id: `r${i}` });
  expect(lines).toHaveLength(51);
  expect(lines[0]).toMatchObject({
    level: "warn",
    message: "a request failed: trapped: unreachable",
    fields: { code: "component-trapped", request: "r0" },
  });
  expect(lines[50]!.message).toMatch(/not listed/);
  now = 6000;
  log.failed(trapped, { id: "next" });
  expect(lines.slice(51)).toMatchObject([{ fields: { requests: 950 } }, { fields: { request: "next" } }]);
});

it("tells once of each place that a component may not send to, with what to do, and of other failures only who looks closer", () => {
  const lines: LogLine[] = [];
  const log = new FailureLog(loggerTo((line) => void lines.push(line), { minimum: "debug" }));
  const refused = (to: string) =>
    new BandstandError("component-denied", `it may not send to ${to}`, { remedy: "List it." });
  for (let i = 0; i < 1000; i++) log.unsent(refused(`http://${i % 200}.example`));
  log.unsent(new BandstandError("backend-unreachable", "nobody there"));
  const warnings = lines.filter(({ level }) => level === "warn");
  expect(warnings).toHaveLength(50);
  expect(warnings[0]).toMatchObject({
    message: "a request of a component was refused",
    fields: { error: "it may not send to http://0.example", remedy: "List it." },
  });
  expect(lines.at(-1)).toMatchObject({ level: "debug", fields: { error: "nobody there" } });
});

it("tells once that components that are served have no sockets", () => {
  const lines: LogLine[] = [];
  const log = new FailureLog(loggerTo((line) => void lines.push(line)));
  for (let i = 0; i < 3; i++) log.unconnected();
  expect(lines).toMatchObject([
    { level: "warn", message: "sockets were refused to a component", fields: { remedy: expect.any(String) } },
  ]);
});

it("warns of no component for what its clients do", () => {
  const lines: LogLine[] = [];
  const log = new FailureLog(loggerTo((line) => void lines.push(line), { minimum: "debug" }));
  const gaveUp = new BandstandError("component-no-answer", "answered with the error connection-terminated");
  for (let i = 0; i < 50; i++) log.failed(halfSent, { id: "r" });
  for (let i = 0; i < 50; i++) log.failed(gaveUp, { id: "r", broken: halfSent });
  expect(lines).toHaveLength(100);
  expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(["debug"]));
});
