import type { ContainersPlan, Endpoint, EndpointTable, WorkloadRef } from "../../model/plan/index.ts";
import type { ContainerState, EngineState, WorkloadState } from "../engine.ts";
import type { ObservedPod } from "./driver.ts";
import type { PodMemory } from "./memory.ts";
import { selects, targetIn } from "./spec.ts";
import type { Slot } from "./spec.ts";
import { find, outcomeOf } from "./steps.ts";

/** A planned pod with what went wrong before it existed. */
export interface SlotState {
  slot: Slot;
  error?: { reason: string; message: string } | undefined;
}

/** What `observe` tells. Pure. */
export function stateOf(
  plan: ContainersPlan,
  slots: readonly SlotState[],
  pods: readonly PodMemory[],
  now: number,
): EngineState {
  return { endpoints: endpointsOf(plan, pods), workloads: workloadsOf(slots, pods, now) };
}

/** Where this host reaches a TCP port of a pod. */
export function endpointOf({ published, address }: ObservedPod, port: number): Endpoint | undefined {
  if (published) {
    const there = published[port];
    return there === undefined ? undefined : { host: "127.0.0.1", port: there };
  }
  return address === undefined ? undefined : { host: address, port };
}

/** Whether a container runs and its probes agree. */
export function isContainerReady(pod: PodMemory, name: string): boolean {
  const container = find(pod.observed, name);
  const prober = pod.containers.get(name)?.prober?.prober;
  return container?.state === "running" && prober?.report().ready === true;
}

/** Whether a pod takes traffic. */
export function isReady(pod: PodMemory): boolean {
  const { plan, observed, leaving } = pod;
  if (plan === undefined || leaving || !observed.running) return false;
  return plan.containers.length > 0 && plan.containers.every(({ name }) => isContainerReady(pod, name));
}

function endpointsOf(plan: ContainersPlan, pods: readonly PodMemory[]): EndpointTable {
  const table: EndpointTable = {};
  for (const service of plan.services) {
    const behind = pods.filter((pod) => {
      if (pod.plan === undefined || !selects(service, pod.plan)) return false;
      return isReady(pod) || (service.publishNotReady && pod.observed.running && !pod.leaving);
    });
    for (const port of service.ports) {
      if (port.protocol !== "TCP") continue;
      table[port.id] = behind.flatMap((pod) => {
        const target = pod.plan && targetIn(pod.plan, port);
        return (target !== undefined && endpointOf(pod.observed, target)) || [];
      });
    }
  }
  return table;
}

function workloadsOf(slots: readonly SlotState[], pods: readonly PodMemory[], now: number): WorkloadState[] {
  const found = new Map<string, { ref: WorkloadRef; slots: SlotState[]; pods: PodMemory[] }>();
  const of = (ref: WorkloadRef) => {
    const key = `${ref.kind}/${ref.namespace}/${ref.name}`;
    const entry = found.get(key) ?? { ref, slots: [], pods: [] };
    found.set(key, entry);
    return entry;
  };
  for (const state of slots) of(state.slot.plan.workload).slots.push(state);
  for (const pod of pods) of(pod.observed.workload).pods.push(pod);
  return [...found.values()].map(({ ref, slots: wanted, pods: there }) => {
    const containers = [
      ...there.flatMap((pod) => ofPod(pod, now)),
      ...wanted.flatMap((slot) => ofMissing(slot, there)),
    ];
    const ready = wanted.filter(({ slot }) =>
      there.some((pod) => pod.observed.slot === slot.plan.name && isReady(pod)),
    );
    const status = statusOf(wanted, there, containers, now);
    return { ...ref, ready: ready.length, total: wanted.length, status, containers };
  });
}

const failures = new Set([
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "ImageBuildError",
  "CreateContainerError",
  "CreateContainerConfigError",
]);

/** The words of kstatus; but what fails again and again is Failed, not in progress for ever. */
function statusOf(
  wanted: readonly SlotState[],
  pods: readonly PodMemory[],
  containers: readonly ContainerState[],
  now: number,
): WorkloadState["status"] {
  if (wanted.length === 0) return "Terminating";
  const done = wanted.map(({ slot }) => {
    const current = pods.find(({ observed }) => observed.slot === slot.plan.name && observed.hash === slot.hash);
    if (current === undefined) return "waiting";
    const outcome = outcomeOf(slot.plan, current.observed, now);
    if (outcome === "succeeded" || outcome === "failed") return outcome;
    return slot.plan.job === undefined && isReady(current) ? "succeeded" : "waiting";
  });
  if (done.includes("failed")) return "Failed";
  const surplus = pods.some(({ observed }) =>
    wanted.every(({ slot }) => slot.plan.name !== observed.slot || slot.hash !== observed.hash),
  );
  if (done.every((state) => state === "succeeded")) return surplus ? "InProgress" : "Current";
  return containers.some(({ reason = "" }) => failures.has(reason)) ? "Failed" : "InProgress";
}

function ofPod(pod: PodMemory, now: number): ContainerState[] {
  const { plan, observed } = pod;
  const names = plan ? [...plan.initContainers, ...plan.containers] : observed.containers;
  return names.map(({ name }) => {
    const memory = pod.containers.get(name);
    const state = find(observed, name);
    const common = {
      pod: observed.name,
      name,
      restarts: memory?.restarts ?? state?.restarts ?? 0,
      lastLog: memory?.lastLog ?? [],
    };
    if (state?.state === "running") {
      const report = memory?.prober?.prober.report();
      const ready = report?.ready === true;
      return { ...common, state: "running", ready, ...(report?.message ? { message: report.message } : {}) };
    }
    const ended = state?.state === "exited" || memory?.counted !== undefined;
    const message = memory?.message === undefined ? {} : { message: memory.message };
    const { reason } = memory ?? {};
    if (!ended) {
      // Only what was tried and went wrong has a reason of its own.
      return { ...common, state: "waiting", ready: false, reason: reason ?? "ContainerCreating", ...message };
    }
    const over = !willRestart(pod, name, now);
    if (over) return { ...common, state: "terminated", ready: false, ...(reason ? { reason } : {}), ...message };
    const waiting = failures.has(reason ?? "") ? reason! : "CrashLoopBackOff";
    return { ...common, state: "waiting", ready: false, reason: waiting, ...message };
  });
}

function willRestart({ plan, observed, leaving }: PodMemory, name: string, now: number): boolean {
  if (plan === undefined || leaving || !observed.running) return false;
  if (outcomeOf(plan, observed, now) !== "running") return false;
  const exitCode = find(observed, name)?.exitCode;
  const isInit = plan.initContainers.some((container) => container.name === name);
  if (plan.restartPolicy === "Always" && !isInit) return true;
  return plan.restartPolicy !== "Never" && exitCode !== 0;
}

/** Containers of a pod that does not exist yet: with what keeps it from existing. */
function ofMissing({ slot, error }: SlotState, pods: readonly PodMemory[]): ContainerState[] {
  const { plan, hash } = slot;
  const { blocked, containers, name } = plan;
  const common = { pod: name, state: "waiting" as const, restarts: 0, ready: false, lastLog: [] };
  if (blocked !== undefined) {
    return [{ ...common, name: plan.workload.name, reason: "CreateContainerConfigError", message: blocked }];
  }
  const own = pods.filter(({ observed }) => observed.slot === name);
  // While the pod before it still serves, nothing is missing unless something went wrong.
  if (own.some(({ observed }) => observed.hash === hash) || (own.length > 0 && error === undefined)) return [];
  return containers.map((container) => ({ ...common, name: container.name, reason: "Pending", ...error }));
}
