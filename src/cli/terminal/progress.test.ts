import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loggerTo, type LogLine } from "../../foundation/log/index.ts";
import { Progress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function terminal(human: boolean): { lines: LogLine[]; shown: string[]; of: Terminal } {
  const [lines, shown]: [LogLine[], string[]] = [[], []];
  const logger = loggerTo((line) => void lines.push(line));
  const of = { logger, human, ...(human && { status: (text: string) => void shown.push(text) }) } as Terminal;
  return { lines, shown, of };
}

/** A hundred parts that take so many milliseconds each. */
function work(of: Terminal, milliseconds: number): void {
  const progress = new Progress(of, "preparing components");
  for (let done = 0; done < 100; done++) {
    progress.step(`default/c-${done}`, done, 100);
    vi.advanceTimersByTime(milliseconds);
  }
  progress.end();
}

it("is a line in place on a terminal, which is empty in the end", () => {
  const { lines, shown, of } = terminal(true);
  work(of, 200);
  expect(shown[0]).toBe("preparing components: 5 of 100, default/c-5");
  expect(shown.length).toBeGreaterThan(90);
  expect(shown.at(-1)).toBe("");
  expect(lines).toEqual([]);
});

it("is a line of the log now and then where nobody looks", () => {
  const { lines, of } = terminal(false);
  work(of, 200);
  expect(lines.map(({ message, fields }) => [message, fields["done"], fields["of"], fields["at"]])).toEqual([
    ["preparing components", 25, 100, "default/c-25"],
    ["preparing components", 50, 100, "default/c-50"],
    ["preparing components", 75, 100, "default/c-75"],
  ]);
});

it.each([true, false])("is nothing where all is done soon: %s", (human) => {
  const { lines, shown, of } = terminal(human);
  work(of, 9);
  expect([...lines, ...shown]).toEqual([]);
});

it("shows names as text, whatever they hold", () => {
  const { shown, of } = terminal(true);
  const progress = new Progress(of, "preparing");
  vi.advanceTimersByTime(2000);
  progress.step("a\u001b[2J", 1, 2);
  expect(shown).toEqual(["preparing: 1 of 2, a\\u001b[2J"]);
});

it("says no more once it is to stop", () => {
  const { shown, of } = terminal(true);
  const stop = new AbortController();
  const progress = new Progress(of, "starting", stop.signal);
  vi.advanceTimersByTime(2000);
  progress.step("a", 1, 3);
  stop.abort();
  vi.advanceTimersByTime(2000);
  progress.step("b", 2, 3);
  expect(shown).toEqual(["starting: 1 of 3, a"]);
});
