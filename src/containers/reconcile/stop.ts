import type { Logger } from "../../foundation/log/index.ts";
import { messageOf } from "../../foundation/errors/index.ts";
import type { Clock } from "./clock.ts";
import type { PodDriver } from "./driver.ts";
import type { PodMemory } from "./memory.ts";

/** Milliseconds that a pod whose plan nobody knows any more gets to end. */
const unknownGrace = 10_000;
/** A preStop hook may take the whole grace; what follows still gets this long, as in Kubernetes. */
const least = 2000;

interface Parts {
  driver: PodDriver;
  logger: Logger;
  clock: Clock;
}

/** Stops one container as its plan says: the preStop hook first, both within the pod's grace period. */
export async function stopContainer(pod: PodMemory, name: string, { driver, logger, clock }: Parts): Promise<void> {
  const container = pod.observed.containers.find((one) => one.name === name);
  if (container?.state !== "running") return;
  const grace = pod.plan?.terminationGrace ?? unknownGrace;
  const plan = pod.plan && [...pod.plan.initContainers, ...pod.plan.containers].find((one) => one.name === name);
  const hook = plan?.lifecycle.preStop?.exec;
  const begun = clock.now();
  if (hook && grace > 0) {
    try {
      const { code, output } = await driver.exec(container.id, hook, grace);
      if (code !== 0) logger.warn("preStop failed", { pod: pod.observed.name, container: name, output: output.trim() });
    } catch (error) {
      logger.warn("preStop failed", { pod: pod.observed.name, container: name, error: messageOf(error) });
    }
  }
  const left = grace - (clock.now() - begun);
  await driver.stopContainer(container.id, hook && grace > 0 ? Math.max(least, left) : grace);
}

/** Stops all containers of a pod at once. */
export async function stopPod(pod: PodMemory, parts: Parts): Promise<void> {
  await Promise.all(pod.observed.containers.map(({ name }) => stopContainer(pod, name, parts)));
}
