import type { ContainerPlan, PodPlan } from "../../model/plan/index.ts";
import type { ObservedContainer, ObservedPod } from "./driver.ts";

/** What is to be done inside one pod, and when to look again where it is too early. */
export interface Steps {
  start: ContainerPlan[];
  wake?: number;
}

/** Time before which a container is not started again. */
export type NotBefore = (container: string) => number;

/**
 * The containers of a pod that are to be started now: init containers one after the other, each to success, then
 * all others, and again whatever ended, as `restartPolicy` says. Pure.
 */
export function stepsIn(plan: PodPlan, pod: ObservedPod, notBefore: NotBefore, now: number): Steps {
  if (!pod.running) return { start: [] };
  const due = dueAt(notBefore, now);
  // Containers that ran mean that the init containers had succeeded, even if somebody removed those since.
  if (!plan.containers.some(({ name }) => hasRun(find(pod, name)))) {
    for (const container of plan.initContainers) {
      const found = find(pod, container.name);
      if (found?.state === "running") return { start: [] };
      if (found?.state === "exited" && found.exitCode === 0) continue;
      if (found?.state === "exited" && plan.restartPolicy === "Never") return { start: [] };
      return due([container]);
    }
  }
  return due(plan.containers.filter((container) => isWanted(plan, find(pod, container.name))));
}

/** How a pod that is to come to an end stands. */
export type Outcome = "running" | "succeeded" | "failed" | "retry";

/**
 * Whether a Job, or a pod that is not restarted, is done. `retry`: this pod failed, and a new one is due. Pure.
 */
export function outcomeOf(plan: PodPlan, pod: ObservedPod, now: number): Outcome {
  if (plan.restartPolicy === "Always") return "running";
  const all = [...plan.initContainers, ...plan.containers].map(({ name }) => find(pod, name));
  const main = plan.containers.map(({ name }) => find(pod, name));
  if (main.length > 0 && main.every((container) => container?.state === "exited" && container.exitCode === 0)) {
    return "succeeded";
  }
  if (isPastDeadline(plan, pod, now)) return "failed";
  const broken = all.filter((container) => container?.state === "exited" && container.exitCode !== 0);
  if (plan.restartPolicy === "Never") {
    if (broken.length === 0 || all.some((container) => container?.state === "running")) return "running";
    return plan.job !== undefined && pod.attempt < plan.job.backoffLimit ? "retry" : "failed";
  }
  const failures = all.reduce((sum, container) => sum + (container?.restarts ?? 0), broken.length);
  return plan.job !== undefined && failures > plan.job.backoffLimit ? "failed" : "running";
}

/** Whether a Job took longer than it may. */
export function isPastDeadline(plan: PodPlan, pod: ObservedPod, now: number): boolean {
  const deadline = plan.job?.activeDeadline;
  return deadline !== undefined && now >= pod.created + deadline;
}

export function find(pod: ObservedPod, container: string): ObservedContainer | undefined {
  return pod.containers.find(({ name }) => name === container);
}

function dueAt(notBefore: NotBefore, now: number): (containers: readonly ContainerPlan[]) => Steps {
  return (containers) => {
    const later = containers.map(({ name }) => notBefore(name)).filter((time) => time > now);
    return {
      start: containers.filter(({ name }) => notBefore(name) <= now),
      ...(later.length > 0 ? { wake: Math.min(...later) } : {}),
    };
  };
}

function isWanted(plan: PodPlan, container: ObservedContainer | undefined): boolean {
  if (container === undefined || container.state === "created") return true;
  if (container.state === "running") return false;
  if (plan.restartPolicy === "Always") return true;
  return plan.restartPolicy === "OnFailure" && container.exitCode !== 0;
}

function hasRun(container: ObservedContainer | undefined): boolean {
  return container !== undefined && container.state !== "created";
}
