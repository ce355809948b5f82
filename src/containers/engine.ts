import type { ContainersPlan, EndpointTable, SecretValues, WorkloadRef } from "../model/plan/index.ts";

/**
 * What runs containers. Life: `open` → `apply` any number of times → `close` (containers stay)
 * or `remove` (they go). Everything that `open` started `close` ends, also after a failed `open`.
 * Drivers: podman, fake; kubernetes will be a third. One suite (`engine.suite.ts`) holds them all.
 */
export interface Engine {
  readonly name: "podman" | "kubernetes" | "fake";
  /** Connects and takes over what already runs for this site. Throws `engine-missing` or `engine-broken` with a remedy. */
  open(): Promise<void>;
  /**
   * Makes the plan the desired state: builds images, creates what is missing, replaces only what
   * changed, prunes only what this site owns. Resolves once all of it was tried; a workload
   * that fails is reported by `observe`, retried with back-off, and holds up no other.
   */
  apply(plan: ContainersPlan, secrets: SecretValues): Promise<void>;
  /** What is known now, from memory. */
  observe(): EngineState;
  /** Called after each change of `observe()`. Returns the way to stop that. */
  subscribe(listener: () => void): () => void;
  /** Last lines of a workload's containers, then on as they come if `follow`; ends when `signal` aborts. */
  logs(
    workload: string,
    options: { namespace?: string; tail?: number; follow?: boolean; signal?: AbortSignal },
  ): AsyncIterable<ContainerLogLine>;
  /** Removes all that the site owns, pods and networks, and with `volumes` its data. Idempotent. */
  remove(options: { volumes: boolean }): Promise<void>;
  /** Stops watching; containers stay as they are. Idempotent. */
  close(): Promise<void>;
}

export interface EngineState {
  /** Ready endpoints of every port of every service of the plan, by `ServicePlan.id`. */
  endpoints: EndpointTable;
  workloads: WorkloadState[];
}

export interface WorkloadState extends WorkloadRef {
  ready: number;
  total: number;
  /** kstatus words. */
  status: "Current" | "InProgress" | "Failed" | "Terminating";
  containers: ContainerState[];
}

export interface ContainerState {
  pod: string;
  name: string;
  state: "waiting" | "running" | "terminated";
  /** Field terms: `CrashLoopBackOff`, `ImagePullBackOff`, `Completed`, `Error`, `OOMKilled`, … */
  reason?: string;
  message?: string;
  restarts: number;
  ready: boolean;
  /** Of a container that failed: its last lines. */
  lastLog: string[];
}

export interface ContainerLogLine {
  pod: string;
  container: string;
  stream: "stdout" | "stderr";
  text: string;
}
