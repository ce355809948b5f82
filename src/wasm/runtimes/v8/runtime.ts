import { monotonic } from "../../../foundation/time/clock.ts";
import { othersRun } from "../../../foundation/time/turns.ts";
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
      await inTurn((rest) => pool.warm(bytes, rest));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  },
};

/** What starts on this thread at last. */
let last: Promise<void> = Promise.resolve();
/** Milliseconds that components start in one turn of the event loop before others get one: what most of them take in all. */
const slice = 1;
/** When the first of this turn began, by `monotonic()`; undefined: nothing started in it. */
let since: number | undefined;

/**
 * One component after the other, and requests between them: a guest keeps the thread while it starts, and a dozen of them
 * that run as long as they may would keep it for so long that it passes for dead. One that starts in no time waits for nobody.
 */
function inTurn(start: (rest: () => Promise<void>) => Promise<void>): Promise<void> {
  const started = last.then(rest).then(() => start(rest));
  last = started.catch(() => {});
  return started;
}

/** Lets the thread do its other work, where it was kept from it for long. */
async function rest(): Promise<void> {
  if (since !== undefined && monotonic() - since > slice) await othersRun();
  if (since !== undefined) return;
  since = monotonic();
  setImmediate(() => (since = undefined));
}
