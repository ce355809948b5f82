import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { clientOf } from "../../foundation/network/index.ts";
import { beginningOf, newTableMemory, rateOf, RateTable } from "./table.ts";

/** Ticks of a millisecond. */
const millisecond = 250;

function tableAt(): { table: RateTable; clock: { now: number } } {
  const clock = { now: 1000 };
  return { table: new RateTable(newTableMemory(), () => clock.now), clock };
}

function taken(table: RateTable, key: string, rate: ReturnType<typeof rateOf>, times: number): number {
  let count = 0;
  for (let turn = 0; turn < times; turn++) if (table.take(key, rate).allowed) count++;
  return count;
}

describe("a rate", () => {
  const rate = rateOf({ requests: 10, per: 1000, burst: 5 });

  it("lets a burst through, then one in each interval", () => {
    const { table, clock } = tableAt();
    expect(taken(table, "a", rate, 20)).toBe(5);
    clock.now += 100 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(1);
    clock.now += 250 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(2);
    clock.now += 60_000 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(5);
  });

  it("tells what is left, when all of it is back and when the next one may come", () => {
    const { table, clock } = tableAt();
    expect(table.peek("a", rate)).toEqual({ allowed: true, remaining: 4, reset: 0.1, wait: 0 });
    expect(table.take("a", rate)).toEqual({ allowed: true, remaining: 4, reset: 0.1, wait: 0 });
    for (let turn = 0; turn < 4; turn++) table.take("a", rate);
    clock.now += 25 * millisecond;
    expect(table.take("a", rate)).toEqual({ allowed: false, remaining: 0, reset: 0.475, wait: 0.075 });
  });

  it("is counted for each key alone", () => {
    const { table } = tableAt();
    for (let key = 0; key < 1000; key++) expect(taken(table, `client ${key}`, rate, 7)).toBe(5);
  });

  it("is the same where the time no longer fits into half of an entry", () => {
    const { table, clock } = tableAt();
    clock.now = 2 ** 32 - 120 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(5);
    clock.now += 100 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(1);
    clock.now += 100 * millisecond;
    expect(taken(table, "a", rate, 20)).toBe(1);
    clock.now = 2 ** 43;
    expect(taken(table, "a", rate, 20)).toBe(5);
    expect(taken(table, "a", rate, 20)).toBe(0);
  });

  it("counts a key by what it says, however it is cut", () => {
    const { table } = tableAt();
    for (let turn = 0; turn < 3; turn++) table.take("limit\0client", rate);
    expect(table.take("client", rate, beginningOf("limit\0")).remaining).toBe(1);
  });

  it("that does not divide a second evenly is kept over time", () => {
    const { table, clock } = tableAt();
    const odd = rateOf({ requests: 7, per: 1000, burst: 1 });
    let count = 0;
    for (let turn = 0; turn < 10_000; turn++, clock.now += millisecond) if (table.take("a", odd).allowed) count++;
    expect(count).toBeGreaterThanOrEqual(69);
    expect(count).toBeLessThanOrEqual(71);
  });
});

describe("the table", () => {
  const rate = rateOf({ requests: 1, per: 3_600_000, burst: 1 });

  it("keeps its size under any number of keys, and is never stricter for it", () => {
    const { table } = tableAt();
    for (let key = 0; key < 300_000; key++) expect(table.take(`new ${key}`, rate).allowed).toBe(true);
  });

  it("holds tens of thousands of keys that are active at once", () => {
    const { table } = tableAt();
    for (let key = 0; key < 20_000; key++) table.take(`client ${key}`, rate);
    let forgotten = 0;
    for (let key = 0; key < 20_000; key++) if (table.take(`client ${key}`, rate).allowed) forgotten++;
    expect(forgotten).toBeLessThan(200);
  });

  it("is not full again for a thread that asked for the time before others used it up", () => {
    const memory = newTableMemory();
    const [later, before] = [1000, 990].map((now) => new RateTable(memory, () => now)) as [RateTable, RateTable];
    expect(taken(later, "a", rate, 20)).toBe(rate.burst);
    expect(taken(before, "a", rate, 20)).toBe(0);
  });

  it("forgets a time that no request could have led to", () => {
    const { table, clock } = tableAt();
    table.take("a", rate);
    clock.now = 0;
    expect(table.take("a", rateOf({ requests: 10, per: 1000, burst: 1 })).allowed).toBe(true);
  });
});

it("threads together give the limit, however they meet", async () => {
  const memory = newTableMemory();
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.module).then(({ RateTable, rateOf }) => {
      const table = new RateTable(workerData.memory);
      const rate = rateOf({ requests: 1000, per: 86_400_000, burst: 1000 });
      let count = 0;
      for (let turn = 0; turn < 5000; turn++) if (table.take("all", rate).allowed) count++;
      parentPort.postMessage(count);
    });`;
  const workerData = { module: new URL("table.ts", import.meta.url).href, memory };
  const counts = await Promise.all(
    Array.from({ length: 4 }, () => {
      const worker = new Worker(code, { eval: true, workerData, execArgv: [] });
      return new Promise<number>((resolve, reject) => worker.on("message", resolve).on("error", reject));
    }),
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
});

it("an IPv6 network counts as one client", () => {
  expect(clientOf("192.0.2.7")).toBe("192.0.2.7");
  expect(clientOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
  expect(clientOf("2001:db8:1:2::9")).toBe(clientOf("2001:0db8:0001:0002:ffff::1"));
  expect(clientOf("2001:db8::1")).toBe("2001:db8:0:0");
  expect(clientOf("::1")).toBe("0:0:0:0");
  expect(clientOf("fe80::1%eth0")).toBe("fe80:0:0:0");
});
