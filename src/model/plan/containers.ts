import type { ConfigValue, SecretRef } from "./site.ts";

/** What runs in containers on one site, ready for an engine: no reference left unresolved but secret values. */
export interface ContainersPlan {
  site: string;
  pods: PodPlan[];
  volumes: VolumePlan[];
  /** Services with a selector: the names that pods answer to, and the ports that the gateway reaches. */
  services: PodServicePlan[];
  /** Images to build from a Containerfile before anything starts (`bandstand.dev/build`). */
  builds: ImageBuildPlan[];
}

/** The workload that a pod stands for; `status` counts by it. */
export interface WorkloadRef {
  kind: "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "Pod";
  namespace: string;
  name: string;
}

export interface PodPlan {
  /** `bs-<site>-<namespace>-<name>[-n]`, unique in the site. */
  name: string;
  workload: WorkloadRef;
  /** What the pod calls itself, as Kubernetes' pod name: `orders-0`. At most 63 characters. */
  hostname: string;
  /** Names in the site's network beside its own (StatefulSet pods: `name-0`, `name-0.service`). */
  aliases: string[];
  /** Resource labels of the pod template, for service selectors and display. */
  labels: Record<string, string>;
  /** SHA-256 of everything below with secret hashes, not values: equal means unchanged. */
  hash: string;
  /**
   * Why the pod cannot be started (a ConfigMap or claim that it names is missing). It has no containers then: the
   * engine starts nothing, leaves what already runs under its name as it is, and reports
   * `CreateContainerConfigError` with this reason.
   */
  blocked?: string;
  restartPolicy: "Always" | "OnFailure" | "Never";
  /** Milliseconds. */
  terminationGrace: number;
  /** Run one after the other, each to success, before the containers. */
  initContainers: ContainerPlan[];
  containers: ContainerPlan[];
  volumes: PodVolumePlan[];
  hostAliases: { ip: string; hostnames: string[] }[];
  /** Job only: give up after so many failures (default 6), and milliseconds in all. */
  job?: { backoffLimit: number; activeDeadline?: number };
}

/** One word of a command; a pointer where `$(NAME)` stood for a secret value. */
export type ArgumentPlan = string | { secret: SecretRef };

export interface ContainerPlan {
  name: string;
  image: string;
  pullPolicy: "Always" | "IfNotPresent" | "Never";
  /** Kubernetes' `command` is the entrypoint, `args` the command. undefined: the image's own. */
  command?: ArgumentPlan[];
  args?: ArgumentPlan[];
  workingDir?: string;
  env: Record<string, ConfigValue>;
  mounts: { volume: string; path: string; subPath?: string; readOnly: boolean }[];
  ports: { name?: string; port: number; protocol: "TCP" | "UDP"; hostPort?: number; hostIP: string }[];
  resources: { memory?: number; cpu?: number };
  security: ContainerSecurityPlan;
  probes: { startup?: ProbePlan; readiness?: ProbePlan; liveness?: ProbePlan };
  lifecycle: { preStop?: { exec: string[] }; postStart?: { exec: string[] } };
}

/** Within Pod Security Standards' baseline; no-new-privileges always. */
export interface ContainerSecurityPlan {
  user?: number;
  group?: number;
  supplementalGroups: number[];
  /** `runAsNonRoot` where the plan itself names no user: the engine refuses an image whose user is root, or has only a name. */
  nonRoot?: boolean;
  readOnlyRootFilesystem: boolean;
  addCapabilities: string[];
  dropCapabilities: string[];
  /** Only where the operator allowed this namespace. */
  privileged: boolean;
}

export interface ProbePlan {
  action:
    | {
        type: "http";
        scheme: "http" | "https";
        host?: string;
        port: number;
        path: string;
        headers: Record<string, string>;
      }
    | { type: "tcp"; port: number }
    | { type: "exec"; command: string[] };
  /** All in milliseconds. */
  initialDelay: number;
  period: number;
  timeout: number;
  successThreshold: number;
  failureThreshold: number;
}

/** A volume of one pod; `claim` names a `VolumePlan`. Files hold their whole content (secrets as references). */
export type PodVolumePlan = { name: string } & (
  | { type: "claim"; volume: string }
  | { type: "empty"; medium: "disk" | "memory"; size?: number }
  | { type: "files"; mode: number; files: { path: string; mode?: number; content: ConfigValue | { base64: string } }[] }
);

/** Storage that outlives pods; only `down --volumes` removes it. */
export interface VolumePlan {
  /** `bs-<site>-<namespace>-<claim>`. */
  name: string;
  claim: { namespace: string; name: string };
  size?: number;
}

export interface PodServicePlan {
  namespace: string;
  name: string;
  /** Exact labels of the pods behind it, in its namespace. */
  selector: Record<string, string>;
  /** Also pods that are not ready (`publishNotReadyAddresses`). */
  publishNotReady: boolean;
  ports: {
    /** `ServicePlan.id`. */ id: string;
    name?: string;
    port: number;
    targetPort: number | string;
    protocol: "TCP" | "UDP";
  }[];
}

export interface ImageBuildPlan {
  /** `localhost/…`. */
  image: string;
  /** Absolute path of the folder with the Containerfile, checked to lie inside the site. */
  context: string;
  /** Digest over names, modes and contents of the context: equal means no build. */
  hash: string;
}
