import type {
  ContainerPlan,
  ContainersPlan,
  ImageBuildPlan,
  PodPlan,
  SecretValues,
  WorkloadRef,
} from "../../model/plan/index.ts";
import type { ContainerLogLine } from "../engine.ts";

/**
 * What the reconciler asks of something that runs pods. Every call does one thing once and reports what happened;
 * order, repetition, back-off, probes and restarts are the reconciler's.
 *
 * Life: `open` → anything → `close`. Failures are BandstandErrors.
 */
export interface PodDriver {
  readonly name: "podman" | "fake";
  /** Pods are reached by ports published on 127.0.0.1, not by their address. Known after `open`. */
  readonly publishes: boolean;
  open(): Promise<void>;
  /** Lets go of everything that `open` took; pods stay. Idempotent. */
  close(): Promise<void>;
  /** Calls whenever something may have changed by itself: a container died, was removed, the machine's list was lost. */
  watch(changed: () => void): void;

  /** Every pod of the site that exists, also ones that stopped. */
  list(): Promise<ObservedPod[]>;
  /** The site's network and the volumes of the plan, where they are missing. */
  prepare(plan: ContainersPlan): Promise<void>;
  /** Builds an image unless one of the same hash is there. Throws `build-failed`. */
  build(build: ImageBuildPlan): Promise<void>;
  /** Pulls an image where its policy says so. Throws `image-missing`. */
  image(container: ContainerPlan): Promise<void>;

  /** Creates and starts a pod's sandbox (network, names, files, scratch volumes) without any container. */
  createPod(spec: PodSpec, secrets: SecretValues): Promise<void>;
  /** Makes ports of Services lead to other ports inside the pod. Idempotent; replaces what was set before. */
  redirect(pod: ObservedPod, redirects: readonly PortRedirect[]): Promise<void>;
  /** Creates a container in a pod and starts it; one of the same name that does not run is replaced. */
  startContainer(pod: ObservedPod, container: ContainerStart, secrets: SecretValues): Promise<void>;
  /** SIGTERM, then SIGKILL after `grace` milliseconds. Resolves when it does not run. */
  stopContainer(containerId: string, grace: number): Promise<void>;
  /** Removes a pod with everything that is its own. Containers that still run are killed. Idempotent. */
  removePod(pod: ObservedPod): Promise<void>;

  /** Runs a command in a container; a time-out is a result too. */
  exec(containerId: string, command: readonly string[], timeout: number): Promise<ExecResult>;
  /** The last lines that a container wrote. */
  tail(containerId: string, lines: number): Promise<string[]>;
  logs(containerId: string, options: LogOptions): AsyncIterable<Pick<ContainerLogLine, "stream" | "text">>;

  /** Removes what belongs to the site beside pods: network, files, and with `volumes` volumes and built images. */
  removeRest(options: { volumes: boolean }): Promise<void>;
}

/** A pod that exists. */
export interface ObservedPod {
  /** The engine's own. */
  id: string;
  /** Mostly the planned pod's; another one while the planned pod is being replaced. */
  name: string;
  /** `PodPlan.name` of what it was made for. */
  slot: string;
  /** `PodSpec.hash` that it was made of. */
  hash: string;
  workload: WorkloadRef;
  /** Which try at a Job it is, from 0. */
  attempt: number;
  /** Milliseconds since 1970. */
  created: number;
  /** Whether its sandbox is up: without it no container can start. */
  running: boolean;
  /** IP address that this host reaches the pod at. */
  address?: string;
  /** Where the pod's address cannot be reached: TCP port of the pod → port on 127.0.0.1. */
  published?: Record<number, number>;
  /** What was set by `redirect` last; undefined where nothing was. */
  redirects?: readonly PortRedirect[];
  /** The plan it was made of, where that is known. */
  plan?: PodPlan;
  containers: ObservedContainer[];
}

export interface ObservedContainer {
  id: string;
  /** As in the plan. */
  name: string;
  state: "created" | "running" | "exited";
  /** How often it was started anew in this pod. */
  restarts: number;
  exitCode?: number;
  oomKilled?: boolean;
  /** Milliseconds since 1970. */
  startedAt?: number;
  finishedAt?: number;
}

/** A pod to be made. */
export interface PodSpec {
  name: string;
  plan: PodPlan;
  /** Over all that cannot be changed while the pod lives: its plan, names and published ports. */
  hash: string;
  attempt: number;
  /** Names in the site's network. */
  aliases: string[];
  /** TCP ports that Services lead to. */
  ports: number[];
}

export interface ContainerStart {
  plan: PodPlan;
  container: ContainerPlan;
  restarts: number;
}

/** Inside a pod: what comes to `port` goes to `target`. */
export interface PortRedirect {
  port: number;
  target: number;
  protocol: "TCP" | "UDP";
}

export interface ExecResult {
  /** undefined: it did not end in time. */
  code: number | undefined;
  output: string;
}

export interface LogOptions {
  tail?: number;
  follow?: boolean;
  signal?: AbortSignal;
}
