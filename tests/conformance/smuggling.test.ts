import { afterAll, beforeAll, expect, it } from "vitest";
import { exchangeRaw } from "../../src/gateway/listener/http1/raw-client.ts";
import { startSite, type TestSite } from "./harness.ts";
import { smuggling } from "./smuggling.table.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.close());

const reached = (): number => Object.values(site.backends).reduce((sum, backend) => sum + backend.count(), 0);

it.each([
  ["by itself", ""],
  ["beside fields of the connection", "Connection: close, x-gone\r\nX-Gone: 1\r\nTE: trailers\r\n"],
])("an absolute target says who is asked, whatever Host says, and its host alone goes on: %s", async (_, fields) => {
  const head = `GET http://simple.example/a?b HTTP/1.1\r\nHost: other.example\r\n${fields}\r\n`;
  const answer = await exchangeRaw(site.ports.http, [head], 400);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain("simple.example");
  expect(answer).not.toContain("other.example");
});

it.each(smuggling)("$name", async (row) => {
  const before = reached();
  const answer = await exchangeRaw(site.ports.http, row.send, 400);
  expect([...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))).toEqual(row.statuses);
  expect(answer.endsWith("<closed>")).toBe(row.closed);
  expect(answer).not.toContain(`"path":"/smuggled"`);
  // A body that breaks may end its request before the backend was sent anything.
  const breaks = row.statuses[0] === 400;
  expect(reached() - before).toBeGreaterThanOrEqual(breaks ? 0 : row.reached);
  expect(reached() - before).toBeLessThanOrEqual(row.reached);
});
