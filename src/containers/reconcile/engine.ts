import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import type { Logger } from "../../foundation/log/index.ts";
import type { ContainersPlan, SecretValues } from "../../model/plan/index.ts";
import type { Engine, EngineState } from "../engine.ts";
import { check } from "../probes/check.ts";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import type { PodDriver } from "./driver.ts";
import { followLogs } from "./logs.ts";
import { Reconciler } from "./reconciler.ts";
import { stopPod } from "./stop.ts";

export interface EngineOptions {
  logger: Logger;
  clock?: Clock;
  check?: typeof check;
  /** Milliseconds; 1000 where not given. */
  drain?: number;
  /** Milliseconds; 15,000 where not given. */
  resync?: number;
  /** Namespaces whose pods may leave the Pod Security Standards' baseline; none where not given. */
  allowPrivileged?: readonly string[];
}

/** Milliseconds that a last look may take when the engine is closed. */
const closing = 2000;

/** An engine over anything that runs pods. */
export function engineOver(driver: PodDriver, options: EngineOptions): Engine {
  const { logger, clock = systemClock, drain = 1000, resync = 15_000, allowPrivileged = [] } = options;
  const listeners = new Set<() => void>();
  let known: EngineState = { endpoints: {}, workloads: [] };
  const changed = (state: EngineState): void => {
    if (JSON.stringify(state) === JSON.stringify(known)) return;
    known = state;
    for (const listener of listeners) listener();
  };
  const parts = { driver, logger, clock, check: options.check ?? check, drain, resync, allowPrivileged };
  const reconciler = new Reconciler(parts, changed);
  let opened = false;
  let closed = false;
  // One after the other: two at once would build and create the same things.
  let queue: Promise<void> = Promise.resolve();

  const engine: Engine = {
    name: driver.name,
    async open() {
      try {
        await driver.open();
        await reconciler.adopt();
      } catch (error) {
        await engine.close();
        throw error;
      }
      opened = true;
      driver.watch(() => reconciler.kick());
    },
    apply(plan, secrets) {
      const done = queue.then(() => apply(plan, secrets));
      queue = done.catch(() => {});
      return done;
    },
    observe: () => known,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    logs: (workload, choice) => followLogs(workload, choice, reconciler),
    async remove({ volumes }) {
      if (!opened) await engine.open();
      await reconciler.stop();
      await removeAll();
      await driver.removeRest({ volumes });
      reconciler.desired = undefined;
      reconciler.slots.clear();
      changed({ endpoints: {}, workloads: [] });
    },
    async close() {
      if (closed) return;
      closed = true;
      let cancel = (): void => {};
      // What runs the pods may stand still; letting go of it ends what waits for it.
      const enough = new Promise<void>((resolve) => (cancel = clock.after(closing, resolve)));
      await Promise.race([reconciler.stop(), enough]);
      cancel();
      await driver.close();
    },
  };

  async function apply(plan: ContainersPlan, secrets: SecretValues): Promise<void> {
    if (closed || !opened) throw new BandstandError("engine-failed", "the engine is not open");
    await driver.prepare(plan);
    const unbuilt = new Map<string, string>();
    for (const build of plan.builds) {
      try {
        await driver.build(build);
      } catch (error) {
        unbuilt.set(build.image, messageOf(error));
        logger.error("image cannot be built", { image: build.image, error: messageOf(error) });
      }
    }
    await reconciler.want({ plan, secrets, unbuilt });
  }

  async function removeAll(): Promise<void> {
    // What was under way may still create: look again after it.
    await Promise.allSettled(reconciler.pending());
    await reconciler.adopt();
    reconciler.stopProbes();
    for (const pod of reconciler.pods.values()) pod.leaving = true;
    reconciler.notify();
    const failures: unknown[] = [];
    await Promise.all(
      [...reconciler.pods.values()].map(async (pod) => {
        try {
          await stopPod(pod, parts);
          await driver.removePod(pod.observed);
        } catch (error) {
          failures.push(error);
        }
      }),
    );
    reconciler.pods.clear();
    if (failures.length > 0) throw failures[0];
  }

  return engine;
}
