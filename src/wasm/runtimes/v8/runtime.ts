import { setImmediate as othersRun } from "node:timers/promises";
import { ComponentScope } from "../../host/index.ts";
import { load, Pool } from "../../instances/index.ts";
import type { Manifest } from "../../link/index.ts";
import type { Runtime } from "../../runtime.ts";

/** Components on this thread's V8, through the linker and host functions of ours. */
export const v8Runtime: Runtime = {
  name: "v8",
  async load(plan, prepared, host) {
    const { anew } = prepared.manifest as Manifest;
    if (anew !== undefined && plan.isolation === "request")
      host.logger.info(`every request gets a new instance, not one that is reset: ${anew}`, { component: plan.id });
    const pool = new Pool(await load(prepared), new ComponentScope(plan, host));
    try {
      const bytes = prepared.modules.reduce((sum, { length }) => sum + length, 0);
      await inTurn(() => pool.warm(bytes, othersRun));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  },
};

/** What starts on this thread at last. */
let last: Promise<void> = Promise.resolve();

/**
 * One component after the other, and requests between them: a guest keeps the thread while it starts, and a dozen of them
 * that run as long as they may would keep it for so long that it passes for dead.
 */
function inTurn(start: () => Promise<void>): Promise<void> {
  const started = last.then(() => othersRun()).then(start);
  last = started.catch(() => {});
  return started;
}
