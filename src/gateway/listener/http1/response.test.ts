import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { draft } from "../../wire/draft.ts";
import { dateBytes } from "./date.ts";
import { draftAnswer, writeResponseHead } from "./response.ts";

afterEach(() => void vi.useRealTimers());

const names = ["content-type", "Date", "Connection", "Content-Length", "transfer-encoding", "x-one", "set-cookie"];
const header = fc.tuple(fc.constantFrom(...names), fc.string({ maxLength: 40 }));
const answer = fc.record({
  status: fc.constantFrom(200, 201, 204, 304, 404, 503),
  fields: fc.array(header, { maxLength: 4 }),
  text: fc.string({ unit: "binary-ascii", maxLength: 300 }),
  body: fc.constantFrom("none", "text", "bytes"),
  close: fc.boolean(),
  method: fc.constantFrom("GET", "HEAD"),
  old: fc.boolean(),
});

it("writes answers whose heads are known as it writes all others", () => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["Date"] });
  let drafted = 0;
  fc.assert(
    fc.property(answer, ({ status, fields, text, body, close, method, old }) => {
      const content = body === "none" ? undefined : body === "text" ? text : Buffer.from(text, "latin1");
      const response = () => ({ status, headers: fields.flat(), body: content });
      const request = { method, old };
      for (let time = 0; time < 3; time++) {
        if (!draftAnswer(response(), request, close, performance.now())) continue;
        drafted++;
        const { text: head } = writeResponseHead(response(), request, close);
        expect(draft.kept().toString("latin1")).toBe(head + (body === "none" ? "" : text));
      }
    }),
  );
  expect(drafted).toBeGreaterThan(10);
});

it("leaves a header with a line end to who refuses it", () => {
  const response = { status: 200, headers: ["x-one", "a\r\nx-two: b"], body: "" };
  for (let time = 0; time < 3; time++)
    expect(draftAnswer(response, { method: "GET", old: false }, false, 0)).toBe(false);
});

it("says the second that it is", () => {
  const read = (now: number): string => dateBytes(now).toString();
  vi.useFakeTimers({ now: 1_700_000_000_900, toFake: ["Date"] });
  const later = performance.now() + 60_000;
  expect(read(later)).toBe("date: Tue, 14 Nov 2023 22:13:20 GMT\r\n");
  vi.setSystemTime(1_700_000_001_000);
  expect(read(later + 99)).toBe("date: Tue, 14 Nov 2023 22:13:20 GMT\r\n");
  expect(read(later + 100)).toBe("date: Tue, 14 Nov 2023 22:13:21 GMT\r\n");
  // A clock that was set back is believed.
  vi.setSystemTime(1_600_000_000_000);
  expect(read(later + 1100)).toBe("date: Sun, 13 Sep 2020 12:26:40 GMT\r\n");
});
