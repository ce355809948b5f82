import { afterAll, beforeAll, expect, it } from "vitest";
import { startGuests, type GuestSite } from "./harness.ts";

/** Milliseconds that each loop may run. */
const cpu = 100;

let site: GuestSite;
beforeAll(async () => {
  site = await startGuests({
    loop: { folder: "resilience/guests/loop", limits: { cpu, wall: 20_000 } },
    innocent: { folder: "guests/hello-c" },
  });
});
afterAll(() => site?.close());

it("lets a neighbour's requests in between twenty endless loops on its thread", async () => {
  const started = performance.now();
  // Two of them run at a time, and who waits too long for that is refused, and asks again.
  const loops = Array.from({ length: 20 }, async () => {
    let status: number;
    do ({ status } = await site.ask("/loop"));
    while (status === 503);
    return status;
  });
  const times: number[] = [];
  const over = Promise.all(loops);
  let running = true;
  void over.then(() => (running = false));
  while (running) {
    const { status, milliseconds } = await site.ask("/innocent");
    expect(status).toBe(200);
    times.push(milliseconds);
  }
  const answers = await over;
  expect(answers).toEqual(answers.map(() => 504));
  // Each used its own budget: twenty of them take twenty times as long.
  expect(performance.now() - started).toBeGreaterThan(20 * cpu * 0.9);
  const sorted = times.toSorted((a, b) => a - b);
  // The bounds are for a machine that is busy; loops that ran to their end one after the other would take 100 ms each.
  expect(sorted.length).toBeGreaterThan(100);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(50);
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(300);
  if (process.env["BANDSTAND_SHOW"])
    console.log(sorted.length, sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length * 0.99)]);
});
