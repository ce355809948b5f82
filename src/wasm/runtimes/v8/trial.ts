import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Prepared } from "../../prepare/prepared.ts";

/** Milliseconds that a component gets to be compiled and to answer three times. */
const patience = 60_000;

/**
 * Whether an instance of a component answers one request and no second, as those of JavaScript engines do that keep the event
 * of their first one. Found out by asking, in a thread of its own, where the guest reaches nobody. False where it does not say:
 * because it answers no `GET /`, or not in time.
 */
export async function answersOnce(prepared: Prepared): Promise<boolean> {
  const file = import.meta.url.endsWith(".ts") ? "./trial-thread.ts" : "./trial-thread.js";
  const thread = new Worker(new URL(file, import.meta.url), { workerData: prepared, name: "trial", execArgv: [] });
  try {
    const [answer] = (await once(thread, "message", { signal: AbortSignal.timeout(patience) })) as [boolean];
    return answer;
  } catch {
    return false;
  } finally {
    await thread.terminate();
  }
}
