import { describe, expect, it } from "vitest";
import { monotonic, threadTime } from "./clock.ts";

describe("the CPU time of a thread", () => {
  it("goes on while the thread runs, not with the scheduler's ticks", () => {
    const from = threadTime();
    const steps: number[] = [];
    for (let last = from; last - from < 30;) {
      const now = threadTime();
      steps.push(now - last);
      last = now;
    }
    // An interrupt that the kernel works on meanwhile is its time, too.
    expect(steps.filter((step) => step > 1).length).toBeLessThan(3);
  });

  it("is never more than what passed", () => {
    const [from, began] = [threadTime(), monotonic()];
    while (monotonic() - began < 30);
    expect(threadTime() - from).toBeLessThanOrEqual(monotonic() - began + 0.1);
  });

  it("does not go on while the thread waits", async () => {
    const from = threadTime();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(threadTime() - from).toBeLessThan(25);
  });
});
