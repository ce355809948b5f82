import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { Patience, threadTimeOf, type ThreadTime } from "./thread-time.ts";

const workers: Worker[] = [];
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.terminate())));

async function thread(name: string, code: string): Promise<void> {
  const worker = new Worker(code, { eval: true, name, execArgv: [] });
  workers.push(worker);
  await once(worker, "online");
}

describe.skipIf(process.platform !== "linux")("what a thread had of the machine", () => {
  it("is more and more where it loops, and it is runnable", async () => {
    await thread("looping-thread-with-a-long-name", "for (;;);");
    const read = threadTimeOf("looping-thread-with-a-long-name");
    const before = read()!.used;
    await expect.poll(() => read()!.used).toBeGreaterThan(before + 100);
    await expect.poll(() => read()!.runnable).toBe(true);
  });

  it("is nothing more where it waits", async () => {
    await thread("waiting-thread", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);");
    const read = threadTimeOf("waiting-thread");
    await expect.poll(() => read()!.runnable).toBe(false);
  });

  it("is not known of one that is not there, or of two of a name", async () => {
    expect(threadTimeOf("nobody")()).toBeUndefined();
    await thread("twin", "setInterval(() => {}, 1000);");
    await thread("twin", "setInterval(() => {}, 1000);");
    expect(threadTimeOf("twin")()).toBeUndefined();
  });
});

describe("a thread that does not answer", () => {
  let now: ThreadTime | undefined = { used: 1000, runnable: true };
  const patience = (): Patience => {
    now = { used: 1000, runnable: true };
    const made = new Patience(() => now, 500);
    made.answered();
    return made;
  };

  it("is starved while it wants to run and hardly did", () => {
    const made = patience();
    now = { used: 1400, runnable: true };
    expect(made.isStarved()).toBe(true);
    now = { used: 1500, runnable: true };
    expect(made.isStarved()).toBe(false);
    made.answered();
    expect(made.isStarved()).toBe(true);
  });

  it("is not where it waits for something, and where nobody knows", () => {
    const made = patience();
    now = { used: 1000, runnable: false };
    expect(made.isStarved()).toBe(false);
    now = undefined;
    expect(made.isStarved()).toBe(false);
    expect(new Patience(() => ({ used: 0, runnable: true }), 500).isStarved()).toBe(false);
  });
});
