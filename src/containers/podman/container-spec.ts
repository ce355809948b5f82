import type { ContainerPlan, SecretValues } from "../../model/plan/index.ts";
import type { ContainerStart } from "../reconcile/driver.ts";
import { labels, workloadLabels } from "./labels.ts";
import { environmentOf, wordsOf } from "./values.ts";

/** Processes and threads that one container may have. */
export const processLimit = 2048;
/** Bytes of a container's log that are kept. */
const logLimit = 16 * 1024 * 1024;
/** Microseconds over which a share of a processor is measured. */
const period = 100_000;

/** Where the volumes of a pod are found. */
export interface Mounts {
  volumes: { Name: string; Dest: string; Options: string[] }[];
  mounts: { type: "bind"; source: string; destination: string; options: string[] }[];
}

/** Body of `containers/create`. */
export function containerSpec(
  pod: { id: string; name: string },
  { plan, container, restarts }: ContainerStart,
  places: Mounts,
  { site, secrets }: { site: string; secrets: SecretValues },
): object {
  const { command, args, workingDir, security } = container;
  return {
    name: containerName(pod.name, container.name),
    pod: pod.id,
    image: container.image,
    // Kubernetes: a command of the plan takes the place of the image's, with its arguments.
    ...(command ? { entrypoint: wordsOf(command, secrets) } : {}),
    ...(args ? { command: wordsOf(args, secrets) } : {}),
    ...(workingDir ? { work_dir: workingDir } : {}),
    env: environmentOf(container.env, secrets),
    labels: {
      ...workloadLabels(plan.workload),
      [labels.site]: site,
      [labels.pod]: plan.name,
      [labels.container]: container.name,
      [labels.restarts]: String(restarts),
    },
    ...places,
    stop_timeout: Math.ceil(plan.terminationGrace / 1000),
    // Restarts and probes are ours.
    restart_policy: "no",
    healthconfig: { Test: ["NONE"] },
    log_configuration: { driver: "k8s-file", size: logLimit },
    resource_limits: resourceLimits(container.resources),
    no_new_privileges: !security.privileged,
    privileged: security.privileged,
    read_only_filesystem: security.readOnlyRootFilesystem,
    cap_add: security.addCapabilities,
    cap_drop: security.dropCapabilities,
    ...(userOf(security) === undefined ? {} : { user: userOf(security) }),
    groups: security.supplementalGroups.map(String),
  };
}

export function containerName(pod: string, container: string): string {
  return `${pod}-${container}`;
}

function userOf({ user, group }: ContainerPlan["security"]): string | undefined {
  if (user === undefined) return group === undefined ? undefined : `0:${group}`;
  return group === undefined ? String(user) : `${user}:${group}`;
}

function resourceLimits({ memory, cpu }: ContainerPlan["resources"]): object {
  return {
    pids: { limit: processLimit },
    // No swap beyond the memory limit, or it would be none.
    ...(memory === undefined ? {} : { memory: { limit: memory, swap: memory } }),
    ...(cpu === undefined ? {} : { cpu: { quota: Math.max(1000, Math.round(cpu * period)), period } }),
  };
}
