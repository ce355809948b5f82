import type { ProbePlan } from "../../model/plan/index.ts";
import { messageOf } from "../../foundation/errors/index.ts";
import { startProber } from "../probes/prober.ts";
import type { ProbeResult } from "../probes/probe.ts";
import type { ObservedContainer, ObservedPod } from "./driver.ts";
import { containerMemory, countEnd, newPodMemory, runOf } from "./memory.ts";
import type { ContainerMemory, PodMemory } from "./memory.ts";
import { restartUnhealthy } from "./perform.ts";
import type { Reconciler } from "./reconciler.ts";
import { endpointOf } from "./state.ts";
import { find } from "./steps.ts";

/** How many lines of a container that ended are kept. */
const lastLines = 10;

/** Takes what the engine reports into memory: new ends are counted, new runs are probed. */
export function observePods(observed: readonly ObservedPod[], reconciler: Reconciler): void {
  const { pods, slots, parts } = reconciler;
  const seen = new Set(observed.map(({ id }) => id));
  for (const [id, pod] of pods) {
    if (seen.has(id)) continue;
    for (const { prober } of pod.containers.values()) prober?.prober.stop();
    // Its name is taken until what is being done with it is over, or that would hit the pod that comes after it.
    if (pod.busy > 0) pod.observed = { ...pod.observed, running: false, containers: [] };
    else pods.delete(id);
  }
  for (const one of observed) {
    const slot = slots.get(one.slot)?.slot;
    const known = pods.get(one.id) ?? newPodMemory(one, slot?.hash === one.hash ? slot.plan : undefined);
    known.observed = one;
    pods.set(one.id, known);
    for (const container of one.containers) look(known, container, reconciler);
    forgetMissing(known, parts.clock.now());
  }
}

function look(pod: PodMemory, container: ObservedContainer, reconciler: Reconciler): void {
  const memory = containerMemory(pod, container.name);
  const { driver, clock } = reconciler.parts;
  const plan = [...(pod.plan?.initContainers ?? []), ...(pod.plan?.containers ?? [])];
  const limit = plan.find(({ name }) => name === container.name)?.resources.memory;
  if (countEnd(memory, container, clock.now(), limit) && !pod.leaving && container.exitCode !== 0) {
    memory.reading = driver.tail(container.id, lastLines).then(
      (lines) => {
        memory.lastLog = lines;
        reconciler.notify();
      },
      () => {},
    );
  }
  if (container.state === "running" && !pod.leaving) probe(pod, container, memory, reconciler);
  else stopProbing(memory);
}

/** A container that somebody removed while it ran ended too. */
function forgetMissing(pod: PodMemory, now: number): void {
  for (const [name, memory] of pod.containers) {
    if (memory.prober === undefined || find(pod.observed, name)) continue;
    const [id = ""] = memory.prober.run.split(" ");
    stopProbing(memory);
    countEnd(memory, { id, name, state: "exited", restarts: memory.restarts }, now);
  }
}

function probe(pod: PodMemory, container: ObservedContainer, memory: ContainerMemory, reconciler: Reconciler): void {
  const plan = pod.plan?.containers.find(({ name }) => name === container.name);
  const run = runOf(container);
  if (plan === undefined || memory.prober?.run === run) return;
  stopProbing(memory);
  const { clock } = reconciler.parts;
  const changed = (): void => {
    const { unhealthy } = prober.report();
    if (unhealthy !== undefined) restartUnhealthy(pod, container, unhealthy, reconciler);
    reconciler.kick();
  };
  const attempt = (one: ProbePlan) => tryProbe(one, pod, container, reconciler);
  const prober = startProber(plan, attempt, changed, { clock, startedAt: container.startedAt });
  memory.prober = { run, prober };
}

function stopProbing(memory: ContainerMemory): void {
  memory.prober?.prober.stop();
  delete memory.prober;
}

async function tryProbe(
  { action, timeout }: ProbePlan,
  pod: PodMemory,
  { id }: ObservedContainer,
  { parts: { driver, check } }: Reconciler,
): Promise<ProbeResult> {
  if (action.type !== "exec") {
    const address = endpointOf(pod.observed, action.port);
    if (address === undefined) return { ok: false, message: `port ${action.port} cannot be reached` };
    return check(action, address, timeout);
  }
  try {
    const { code, output } = await driver.exec(id, action.command, timeout);
    const said = output.trim().slice(0, 200);
    if (code === undefined) return { ok: false, message: `command did not end within ${timeout} ms` };
    return { ok: code === 0, message: code === 0 ? "" : `command ended with ${code}${said ? `: ${said}` : ""}` };
  } catch (error) {
    return { ok: false, message: messageOf(error) };
  }
}
