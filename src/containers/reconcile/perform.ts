import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { refusePod } from "../refuse.ts";
import { failed, noBackoff } from "./backoff.ts";
import type { Action, RemovalReason, SlotView } from "./decide.ts";
import type { ObservedContainer, PortRedirect } from "./driver.ts";
import { containerMemory } from "./memory.ts";
import type { PodMemory } from "./memory.ts";
import type { Reconciler } from "./reconciler.ts";
import type { Slot } from "./spec.ts";
import { isReady } from "./state.ts";
import { stopContainer, stopPod } from "./stop.ts";

/** What was tried for a planned pod. */
export interface SlotMemory {
  slot: Slot;
  busy: boolean;
  prepared: boolean;
  notBefore: number;
  failures: number;
  attempt: number;
  error?: { reason: string; message: string } | undefined;
  /** Whether the image that was missing last is one to pull. */
  pulls?: boolean;
}

export function newSlotMemory(slot: Slot, busy = false): SlotMemory {
  return { slot, busy, prepared: false, notBefore: 0, failures: 0, attempt: 0 };
}

/** Milliseconds that a postStart hook may take. */
const hookLimit = 60_000;

/** Does one thing that was decided. Never throws: what fails is remembered, shown and put off. */
export function perform(action: Action, reconciler: Reconciler): Promise<void> {
  switch (action.do) {
    case "prepare":
      return forSlot(action.slot, reconciler, "ErrImagePull", (memory) => prepare(memory, reconciler));
    case "create":
      return forSlot(action.slot, reconciler, "CreateContainerError", (memory) =>
        create(memory, action.name, reconciler),
      );
    case "redirect":
      return redirect(action.view.pod.id, action.redirects, reconciler);
    case "start":
      return start(action.view.pod.id, action.container.name, reconciler);
    case "stop":
      return withPod(action.view.pod.id, reconciler, (pod) => stopPod(pod, reconciler.parts));
    case "remove":
      return remove(action.view.pod.id, action.why, reconciler);
  }
}

/** Stops a container whose probe gave up on it; it is started again as after any other end. */
export function restartUnhealthy(
  pod: PodMemory,
  container: ObservedContainer,
  why: string,
  reconciler: Reconciler,
): void {
  const memory = containerMemory(pod, container.name);
  if (memory.stopping || pod.leaving) return;
  memory.stopping = true;
  memory.message = why;
  reconciler.parts.logger.warn("container is unhealthy", { pod: pod.observed.name, container: container.name, why });
  void withPod(pod.observed.id, reconciler, (one) => stopContainer(one, container.name, reconciler.parts)).finally(() =>
    reconciler.kick(),
  );
}

async function prepare(memory: SlotMemory, { parts: { driver, allowPrivileged }, desired }: Reconciler): Promise<void> {
  const { slot } = memory;
  // Before anything that the plan names reaches a driver.
  refusePod(slot.plan, allowPrivileged);
  const containers = [...slot.plan.initContainers, ...slot.plan.containers];
  const images = new Map(containers.map((container) => [container.image, container]));
  for (const [image, container] of images) {
    const unbuilt = desired?.unbuilt.get(image);
    if (unbuilt !== undefined) throw new BandstandError("build-failed", unbuilt);
    try {
      await driver.image(container);
    } catch (error) {
      memory.pulls = container.pullPolicy !== "Never" && !image.startsWith("localhost/");
      throw error;
    }
  }
  Object.assign(memory, { prepared: true, error: undefined });
}

async function create(memory: SlotMemory, name: string, { parts, desired }: Reconciler): Promise<void> {
  // Somebody may have removed the network or a volume since the plan came.
  if (memory.failures > 0) await parts.driver.prepare(desired!.plan);
  const { slot, attempt } = memory;
  const { plan, hash, aliases, ports } = slot;
  await parts.driver.createPod({ name, plan, hash, attempt, aliases, ports }, desired!.secrets);
  memory.error = undefined;
  parts.logger.info("pod created", { pod: name });
}

async function forSlot(
  { plan }: SlotView,
  reconciler: Reconciler,
  reason: string,
  work: (memory: SlotMemory) => Promise<void>,
): Promise<void> {
  const memory = reconciler.slots.get(plan.name);
  if (memory === undefined) return;
  memory.busy = true;
  try {
    await work(memory);
  } catch (error) {
    const { failures, until } = failed({ failures: memory.failures, until: 0 }, reconciler.parts.clock.now());
    Object.assign(memory, {
      failures,
      notBefore: until,
      error: { reason: reasonOf(error, reason, memory.pulls), message: textOf(error) },
    });
    reconciler.parts.logger.warn("pod cannot be created", { pod: plan.name, error: messageOf(error) });
  } finally {
    memory.busy = false;
    // A plan that came meanwhile has a memory of its own.
    const now = reconciler.slots.get(plan.name);
    if (now) now.busy = false;
  }
}

async function redirect(id: string, redirects: readonly PortRedirect[], reconciler: Reconciler): Promise<void> {
  const { driver, clock, logger } = reconciler.parts;
  await withPod(id, reconciler, async (pod) => {
    try {
      await driver.redirect(pod.observed, redirects);
      pod.redirecting = noBackoff;
    } catch (error) {
      pod.redirecting = failed(pod.redirecting, clock.now());
      const message = textOf(error);
      // What waits for it shows why.
      if (pod.observed.containers.length === 0) {
        for (const { name } of [...pod.plan!.initContainers, ...pod.plan!.containers]) {
          Object.assign(containerMemory(pod, name), { reason: "CreateContainerError", message });
        }
      }
      logger.warn("ports of Services cannot be led to a pod", { pod: pod.observed.name, error: message });
    }
  });
}

async function start(id: string, name: string, reconciler: Reconciler): Promise<void> {
  await withPod(id, reconciler, async (pod) => {
    const { driver, clock, logger } = reconciler.parts;
    const { plan, observed } = pod;
    const container = [...plan!.initContainers, ...plan!.containers].find((one) => one.name === name)!;
    const memory = containerMemory(pod, name);
    // The lines of the run before are gone once the container is replaced.
    await memory.reading;
    const again = memory.counted !== undefined;
    try {
      // It may have been made of an older plan, which comes from disk.
      refusePod(plan!, reconciler.parts.allowPrivileged);
      const restarts = memory.restarts + (again ? 1 : 0);
      await driver.startContainer(observed, { plan: plan!, container, restarts }, reconciler.desired!.secrets);
      memory.restarts = restarts;
      const hook = container.lifecycle.postStart?.exec;
      if (hook) await postStart(pod, name, hook, reconciler);
    } catch (error) {
      memory.backoff = failed(memory.backoff, clock.now());
      memory.reason = reasonOf(error, "CreateContainerError");
      memory.message = textOf(error);
      logger.warn("container cannot be started", { pod: observed.name, container: name, error: memory.message });
    }
  });
}

/** As in Kubernetes, a container whose postStart fails is stopped. */
async function postStart(pod: PodMemory, name: string, hook: readonly string[], { parts }: Reconciler): Promise<void> {
  const pods = await parts.driver.list();
  const container = pods.find(({ id }) => id === pod.observed.id)?.containers.find((one) => one.name === name);
  if (container?.state !== "running") return;
  const { code, output } = await parts.driver.exec(container.id, hook, hookLimit);
  if (code === 0) return;
  await parts.driver.stopContainer(container.id, pod.plan?.terminationGrace ?? 0);
  const end = code === undefined ? `did not end within ${hookLimit} ms` : `ended with ${code}`;
  throw new BandstandError("engine-failed", `postStart of container ${name} ${end}: ${output.trim()}`);
}

async function remove(id: string, why: RemovalReason, reconciler: Reconciler): Promise<void> {
  const { parts, slots } = reconciler;
  const { driver, logger, clock } = parts;
  await withPod(id, reconciler, async (pod) => {
    const served = isReady(pod);
    const slot = slots.get(pod.observed.slot);
    if (slot && (why === "broken" || why === "retry")) {
      const ran = clock.now() - pod.observed.created;
      const { failures, until } = failed({ ...noBackoff, failures: slot.failures }, clock.now(), ran);
      Object.assign(slot, { failures, notBefore: until });
      if (why === "retry") slot.attempt = pod.observed.attempt + 1;
    }
    pod.leaving = true;
    reconciler.notify();
    try {
      if (served && parts.drain > 0) await new Promise<void>((resolve) => clock.after(parts.drain, resolve));
      if (why !== "broken" && why !== "retry") await stopPod(pod, parts);
      await driver.removePod(pod.observed);
      logger.info("pod removed", { pod: pod.observed.name, why });
    } catch (error) {
      logger.warn("pod cannot be removed", { pod: pod.observed.name, error: messageOf(error) });
      await new Promise<void>((resolve) => clock.after(1000, resolve));
      pod.leaving = false;
    }
  });
}

async function withPod(id: string, { pods }: Reconciler, work: (pod: PodMemory) => Promise<void>): Promise<void> {
  const pod = pods.get(id);
  if (pod === undefined) return;
  pod.busy++;
  try {
    await work(pod);
  } catch {
    // What can be said was said; the next look sees what is left.
  } finally {
    pod.busy--;
  }
}

/** What went wrong and what to do about it, as `status` shows it. */
function textOf(error: unknown): string {
  const remedy = error instanceof BandstandError ? error.remedy : undefined;
  return remedy === undefined ? messageOf(error) : `${messageOf(error)} ${remedy}`;
}

function reasonOf(error: unknown, otherwise: string, pulls = true): string {
  if (!(error instanceof BandstandError)) return otherwise;
  if (error.code === "pod-refused") return "CreateContainerConfigError";
  if (error.code === "build-failed") return "ImageBuildError";
  if (error.code === "image-missing") return pulls ? "ImagePullBackOff" : "ErrImageNeverPull";
  return otherwise;
}
