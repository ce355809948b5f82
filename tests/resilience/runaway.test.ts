import { gzipSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./ask.ts";
import { limits, startGuests, type GuestSite } from "./harness.ts";
import { startNeighbour, type Neighbour } from "./neighbour.ts";

/** What a guest that runs away gets: the status, at most so many milliseconds after the limit that ends it. */
interface Expected {
  guest: string;
  /** What the request is, where it is not a GET of the guest's name. */
  path?: string;
  sent?: { method: string; body: Buffer };
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
  { guest: "fills-memory", status: 504, after: limits.cpu },
  { guest: "starts-slowly", status: 200 },
  { guest: "starts-slowly-composed", status: 200 },
  { guest: "starts-slowly-ensemble", status: 400 },
  // CPU and memory race for the limit.
  { guest: "eat-objects", status: [500, 504] },
  { guest: "eat-arrays", status: [500, 504] },
  { guest: "hoard-exceptions", status: [500, 504] },
  { guest: "waits-for-threads", status: 500 },
  { guest: "no-answer", status: 500 },
  { guest: "wrong-case", status: 500 },
  { guest: "resource-leak", status: 500 },
  { guest: "pollable-leak", status: 500 },
  { guest: "huge-header", status: 500 },
  // What the host would keep for them, and CPU time, race for the limit.
  { guest: "hoards-headers", status: [500, 504] },
  { guest: "hoards-texts", status: [500, 504] },
  { guest: "hoards-bodies", status: 500 },
  { guest: "sends-too-much", status: [500, 200] },
  { guest: "names-bytes-again", status: 500 },
  { guest: "polls-many", status: 504, after: limits.cpu },
  { guest: "searches-headers", status: 504, after: limits.cpu },
  { guest: "logs-empty-lines", status: 504, after: limits.cpu },
  { guest: "never-answers", status: 504, after: limits.wall },
  { guest: "never-returns-after-headers", status: 200, after: limits.wall, broken: true },
  { guest: "slow-body", status: 200, after: limits.wall, broken: true },
  // They write and trap without ever waiting: the head was not out yet.
  { guest: "trap-after-headers", status: 500 },
  { guest: "endless-body", status: 200, broken: true },
  { guest: "traps-late", path: "/traps-late/stream", status: 200, broken: true },
  { guest: "traps-late", path: "/traps-late/body", sent: post(Buffer.alloc(500_000)), status: 500 },
  { guest: "traps-late", path: "/traps-late/answered", status: 500 },
  { guest: "traps-in-realloc", status: 500 },
  // It cannot pause there, so it is ended before its limit.
  { guest: "loops-in-realloc", status: 504 },
  // Neither can this one, but it comes back; where it makes that a habit it is ended as well.
  { guest: "collects-in-realloc", status: 200 },
  // Handles and CPU time race for the limit.
  { guest: "catches-everything", status: [500, 504] },
  { guest: "random-flood", status: 504, after: limits.cpu },
  { guest: "grows-tables", status: 500 },
  { guest: "events-in-a-row", status: 504, after: limits.cpu },
  { guest: "events-in-a-row-ensemble", status: 504, after: limits.cpu },
  { guest: "moves-bytes", status: 504 },
  { guest: "moves-strings", status: 504 },
  { guest: "moves-lists", status: 504 },
  { guest: "never-reads", sent: post(Buffer.alloc(900_000)), status: 200 },
  // A hundred megabytes of zeros in a hundred kilobytes: CPU time and memory race for the limit.
  { guest: "zip-bomb", sent: post(bomb()), status: [500, 504] },
  // Nine requests for one, until it is told that it goes round.
  { guest: "asks-itself", status: 502 },
  { guest: "log-flood", status: [200, 504], after: limits.cpu },
];

function post(body: Buffer): { method: string; body: Buffer } {
  return { method: "POST", body };
}

function bomb(): Buffer {
  return gzipSync(Buffer.alloc(100 << 20));
}

const send = ({ guest, path, sent }: Expected): Promise<Answer> => site.ask(path ?? `/${guest}`, sent);

let site: GuestSite;
let innocent: Neighbour;
beforeAll(async () => {
  const guests = Object.fromEntries(
    expected.map(({ guest }) => [guest, { folder: `resilience/guests/${guest}`, http: ["127.0.0.1"] }]),
  );
  site = await startGuests({ ...guests, innocent: { folder: "guests/hello-c" } });
  innocent = await startNeighbour(site.port, "/innocent");
});
afterAll(async () => {
  await innocent?.close();
  await site?.close();
});

describe("a guest that runs away", () => {
  it.each(expected)("$guest gets $status in time, and its neighbours are answered", async (row) => {
    innocent.begin();
    const answer = await send(row);
    const others = await innocent.end();
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

  it.each(expected)("$guest keeps its neighbours waiting for no longer than they wait anyway", async (row) => {
    // Other tests run beside: what they delay is no guest's fault, and delays both measurements of one try or the other.
    const tries: { alone: number; beside: number }[] = [];
    // The same requests to a guest that behaves: what the machine does for any request harms nobody.
    const well = { ...row, path: "/innocent" };
    do tries.push({ alone: await waiting(250, well), beside: await waiting(250, row) });
    while (!tries.some(isFair) && tries.length < 8);
    expect(tries).toContainEqual(expect.toSatisfy(isFair));
  });

  it.each(["loop", "eat-memory", "huge-header", "loops-in-realloc", "grows-tables"])(
    "%s does neither where sixteen ask for it at a time",
    async (guest) => {
      const row = expected.find((one) => one.guest === guest)!;
      const well = { ...row, path: "/innocent" };
      const tries: { alone: number; beside: number }[] = [];
      do tries.push({ alone: await waiting(250, well, 16), beside: await waiting(500, row, 16) });
      while (!tries.some(isFair) && tries.length < 8);
      expect(tries).toContainEqual(expect.toSatisfy(isFair));
    },
  );

  it("serves the next request as if nothing had been", async () => {
    for (const row of expected) {
      const [first, second] = [await send(row), await site.ask("/innocent")];
      expect([row.guest, first.status]).toEqual([row.guest, expect.any(Number)]);
      expect(second.body).toBe("Hello from C\n");
    }
  });

  it("harms nobody when all of them run away at a time", async () => {
    innocent.begin();
    const answers = await Promise.all(expected.map(send));
    const others = await innocent.end();
    for (const [i, { guest, status }] of expected.entries()) {
      // Requests that waited behind others for their turn may pass the wall limit instead.
      expect([guest, [...[status].flat(), 504].includes(answers[i]!.status)]).toEqual([guest, true]);
    }
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it("is named in the log with its request", () => {
    // Of a guest that nothing else can end: others are told that they ran for too long where they cannot pause.
    const told = site.lines.find(({ fields }) => fields["component"] === "default/loop" && "request" in fields);
    expect(told).toMatchObject({
      message: "a request failed: used more than 100 ms of CPU time",
      fields: { code: "component-cpu", request: expect.any(String) },
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
        remedy: expect.stringContaining("limits.cpu"),
      }),
    );
  });
});

/** A neighbour's requests wait beside a guest for twice as long as beside one that behaves, or 5 ms, at most. */
interface Waited {
  alone: number;
  beside: number;
}

function isFair({ alone, beside }: Waited): boolean {
  return beside <= Math.max(2 * alone, 5);
}

/** Milliseconds that 99 of 100 requests to an innocent guest take at most, for a while, beside so many others at a time. */
async function waiting(milliseconds: number, row: Expected, lanes = 1): Promise<number> {
  innocent.begin();
  const over = sleep(milliseconds);
  let running = true;
  void over.then(() => (running = false));
  const lane = async (): Promise<void> => {
    while (running) await Promise.race([send(row), over]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const times = (await innocent.end()).map((answer) => {
    expect(answer.status).toBe(200);
    return answer.milliseconds;
  });
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]!;
}
