import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limits, startGuests, type Answer, type GuestSite } from "./harness.ts";

/** What a guest that runs away gets: the status, at most so many milliseconds after the limit that ends it. */
interface Expected {
  guest: string;
  status: number | number[];
  /** The limit that ends it. */
  after?: number;
  broken?: boolean;
}

const expected: Expected[] = [
  { guest: "loop", status: 504, after: limits.cpu },
  // CPU and memory race for the limit.
  { guest: "loop-assemblyscript", status: [500, 504] },
  { guest: "busy-poll", status: 504, after: limits.cpu },
  { guest: "recursion", status: 500 },
  { guest: "recursion-without-memory", status: 500 },
  { guest: "trap", status: 500 },
  { guest: "throws-assemblyscript", status: 500 },
  { guest: "eat-memory", status: 500 },
  { guest: "no-answer", status: 500 },
  { guest: "resource-leak", status: 500 },
  { guest: "pollable-leak", status: 500 },
  { guest: "huge-header", status: 500 },
  { guest: "never-answers", status: 504, after: limits.wall },
  { guest: "never-returns-after-headers", status: 200, after: limits.wall, broken: true },
  { guest: "slow-body", status: 200, after: limits.wall, broken: true },
  // They write and trap without ever waiting: the head was not out yet.
  { guest: "trap-after-headers", status: 500 },
  { guest: "endless-body", status: 200, broken: true },
  { guest: "log-flood", status: [200, 504], after: limits.cpu },
];

let site: GuestSite;
beforeAll(async () => {
  const guests = Object.fromEntries(expected.map(({ guest }) => [guest, { folder: `resilience/guests/${guest}` }]));
  site = await startGuests({ ...guests, innocent: { folder: "guests/hello-c" } });
}, 180_000);
afterAll(() => site?.close());

describe("a guest that runs away", () => {
  it.each(expected)("$guest gets $status in time, and its neighbours are answered", async (row) => {
    const innocent = neighbours();
    const answer = await site.ask(`/${row.guest}`);
    const others = await innocent.stop();
    expect([row.status].flat()).toContain(answer.status);
    if (row.broken) expect(answer.broken).toBe(true);
    // CPU limits count CPU time: on a machine that is busy with other tests more time passes meanwhile.
    expect(answer.milliseconds).toBeLessThan((row.after ?? limits.cpu) * 3 + 3000);
    if (row.after !== undefined && answer.status !== 200) expect(answer.milliseconds).toBeGreaterThan(row.after * 0.9);
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
    // The thread was not given up: the guest alone was ended.
    expect(site.gateway.state().workers).toEqual([expect.objectContaining({ ready: true, restarts: 0 })]);
  });

  it("serves the next request as if nothing had been", async () => {
    for (const { guest } of expected) {
      const [first, second] = [await site.ask(`/${guest}`), await site.ask("/innocent")];
      expect([guest, first.status]).toEqual([guest, expect.any(Number)]);
      expect(second.body).toBe("Hello from C\n");
    }
  });

  it("harms nobody when all of them run away at a time", async () => {
    const innocent = neighbours();
    const answers = await Promise.all(expected.map(({ guest }) => site.ask(`/${guest}`)));
    const others = await innocent.stop();
    for (const [i, { guest, status }] of expected.entries()) {
      // Requests that waited behind others for their turn may pass the wall limit instead.
      expect([guest, [...[status].flat(), 504].includes(answers[i]!.status)]).toEqual([guest, true]);
    }
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it("is named in the log with its request", () => {
    const told = site.lines.find(({ fields }) => fields["code"] === "component-cpu");
    expect(told).toMatchObject({
      message: "a request failed: used more than 100 ms of CPU time",
      fields: { component: expect.stringMatching(/^default\//), request: expect.any(String) },
    });
  });

  it("fills neither log nor memory", () => {
    const flood = site.lines.filter(({ fields }) => fields["component"] === "default/log-flood");
    expect(flood.length).toBeGreaterThan(0);
    const bytes = flood.reduce((sum, { message }) => sum + message.length, 0);
    expect(bytes).toBeLessThan(1 << 20);
  });
});

describe("a component that cannot start", () => {
  it("is refused with the reason, and the gateway serves on", async () => {
    await expect(startGuests({ bad: { folder: "resilience/guests/loop-at-start" } })).rejects.toThrow(
      expect.objectContaining({
        code: "component-cpu",
        message: expect.stringMatching(/default\/bad.*does not start.*100 ms of CPU time/),
      }),
    );
  });
});

/** Asks an innocent guest again and again beside. */
function neighbours(): { stop(): Promise<Answer[]> } {
  const answers: Answer[] = [];
  let stopped = false;
  const done = (async () => {
    do answers.push(await site.ask("/innocent"));
    while (!stopped);
  })();
  return {
    async stop() {
      stopped = true;
      await done;
      return answers;
    },
  };
}
