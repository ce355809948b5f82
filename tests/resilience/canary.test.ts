import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGuests, type GuestSite } from "./harness.ts";

const body = "a-secret-of-request";
const rounds = 12;

let site: GuestSite;
beforeAll(async () => {
  // One place, so that what one request leaves is where the next one looks.
  const limits = { concurrency: 1, cpu: 60, wall: 5000 };
  site = await startGuests({
    "canary-memory": { folder: "resilience/guests/canary-memory", limits },
    "canary-globals": { folder: "resilience/guests/canary-globals", limits },
    "canary-objects": { folder: "resilience/guests/canary-objects", limits },
    "canary-wide": { folder: "resilience/guests/canary-wide", limits },
    "reused-memory": { folder: "resilience/guests/canary-memory", limits, isolation: "reuse" },
    "reused-globals": { folder: "resilience/guests/canary-globals", limits, isolation: "reuse" },
    "reused-objects": { folder: "resilience/guests/canary-objects", limits, isolation: "reuse" },
    "reused-wide": { folder: "resilience/guests/canary-wide", limits, isolation: "reuse" },
  });
});
afterAll(() => site?.close());

/** What a request that plants secrets may end with. */
const plants = [
  { method: "POST", status: 204, how: "answers" },
  { method: "PUT", status: 500, how: "traps" },
  { method: "DELETE", status: 504, how: "is ended" },
];

it("is said of those that cannot be reset why", () => {
  const told = site.lines.filter(({ message }) => message.startsWith("every request gets a new instance"));
  expect(told.map(({ message, fields }) => `${fields["component"]}: ${message.split(": ")[1]}`).toSorted()).toEqual([
    "default/canary-objects: objects that it makes may outlive a request",
    "default/canary-wide: it has a 64-bit memory",
  ]);
});

describe.each(["canary-memory", "canary-globals", "canary-objects", "canary-wide"])("%s", (name) => {
  it.each(plants)("finds nothing of a request that plants secrets and $how", async ({ method, status }) => {
    for (let round = 0; round < rounds; round++) {
      const planted = await site.ask(`/${name}?${body}`, { method, body: body.repeat(100) });
      expect(planted.status).toBe(status);
      for (let again = 0; again < 2; again++) expect((await site.ask(`/${name}`)).status).toBe(200);
    }
  });

  it("finds nothing of a request that its client gave up", async () => {
    for (let round = 0; round < 4; round++) {
      const given = new AbortController();
      const answer = site.ask(`/${name}?${body}`, { method: "DELETE", body, signal: given.signal });
      setTimeout(() => given.abort(), 15);
      expect((await answer).status).toBe(0);
      expect((await site.ask(`/${name}`)).status).toBe(200);
    }
  });
});

it.each([
  ["reused-memory", 520],
  ["reused-globals", 521],
  ["reused-objects", 521],
  ["reused-wide", 521],
])("%s finds them: so it can find", async (name, status) => {
  await site.ask(`/${name}`, { method: "POST", body });
  expect((await site.ask(`/${name}`)).status).toBe(status);
});
