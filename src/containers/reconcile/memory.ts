import type { PodPlan } from "../../model/plan/index.ts";
import type { Prober } from "../probes/prober.ts";
import { failed, noBackoff } from "./backoff.ts";
import type { Backoff } from "./backoff.ts";
import type { ObservedContainer, ObservedPod } from "./driver.ts";

/** What is known of one pod beside what its engine reports. */
export interface PodMemory {
  observed: ObservedPod;
  plan: PodPlan | undefined;
  /** It is being removed: no traffic, no restarts. */
  leaving: boolean;
  /** Operations under way. */
  busy: number;
  /** How leading its ports went. */
  redirecting: Backoff;
  containers: Map<string, ContainerMemory>;
}

/** What is known of one container beside what its engine reports. */
export interface ContainerMemory {
  backoff: Backoff;
  restarts: number;
  /** The end that was counted last. */
  counted?: string;
  /** Why it failed last. */
  reason?: string;
  message?: string;
  lastLog: string[];
  /** Under way: the last lines are read before the container is replaced. */
  reading?: Promise<void>;
  prober?: { run: string; prober: Prober };
  /** It is being stopped since a probe failed. */
  stopping: boolean;
}

export function newPodMemory(observed: ObservedPod, plan: PodPlan | undefined): PodMemory {
  return {
    observed,
    plan: plan ?? observed.plan,
    leaving: false,
    busy: 0,
    redirecting: noBackoff,
    containers: new Map(),
  };
}

/** The memory of a container; what a container says of its restarts outlives us. */
export function containerMemory(pod: PodMemory, name: string): ContainerMemory {
  let memory = pod.containers.get(name);
  if (memory === undefined) {
    const restarts = pod.observed.containers.find((container) => container.name === name)?.restarts ?? 0;
    const backoff = { ...noBackoff, failures: restarts };
    memory = { backoff, restarts, lastLog: [], stopping: false };
    pod.containers.set(name, memory);
  }
  return memory;
}

/** Names one run of a container. */
export function runOf({ id, startedAt }: ObservedContainer): string {
  return `${id} ${startedAt ?? ""}`;
}

/** SIGKILL as shells and engines count it. */
const killed = 137;

/** How a container ended, for people; `limit` is what it may have of memory. */
function endOf({ exitCode, oomKilled }: ObservedContainer, limit: number | undefined): string {
  const code = `exit code ${exitCode ?? "unknown"}`;
  const mebibytes = limit === undefined ? "" : `: its limit is ${Math.round(limit / 1024 ** 2)} MiB`;
  if (oomKilled) return `out of memory${mebibytes} (${code})`;
  // On cgroup v1 of a recent kernel nobody hears of it: the code is all there is.
  return exitCode === killed && limit !== undefined ? `${code}: killed, perhaps for its memory${mebibytes}` : code;
}

/** Counts the end of a container once. Returns whether it was a new one. */
export function countEnd(memory: ContainerMemory, container: ObservedContainer, now: number, limit?: number): boolean {
  const run = runOf(container);
  if (container.state !== "exited" || memory.counted === run) return false;
  memory.counted = run;
  const { startedAt = now, finishedAt = now } = container;
  memory.backoff = failed(memory.backoff, now, finishedAt - startedAt);
  memory.reason = container.oomKilled ? "OOMKilled" : container.exitCode === 0 ? "Completed" : "Error";
  // What a probe said is why it ended; its exit code is not.
  if (!memory.stopping) memory.message = endOf(container, limit);
  memory.stopping = false;
  return true;
}
