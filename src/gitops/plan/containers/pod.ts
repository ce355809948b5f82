import type { PodPlan } from "../../../model/plan/index.ts";
import { planContainer } from "./container.ts";
import type { PodContext } from "./context.ts";
import { hashOf } from "./hash.ts";
import { shortName } from "./names.ts";
import { refuseHost } from "./security.ts";
import { planVolume } from "./volumes.ts";

/** What a pod's kind adds to its template. */
export interface PodFrame {
  name: string;
  aliases: string[];
  restartPolicy: PodPlan["restartPolicy"];
  job?: NonNullable<PodPlan["job"]>;
  /** Hashes of the images that are built for it: a new image is a new pod. */
  images: string[];
}

/** One pod with every reference looked up. Throws Unplannable where that is not possible. */
export function planPod(frame: PodFrame, pod: PodContext): PodPlan {
  const { spec, metadata } = pod.template;
  refuseHost(spec);
  const volumes = (spec.volumes ?? []).map((volume) => planVolume(volume, pod));
  const readOnly = new Set((spec.volumes ?? []).filter(isReadOnly).map(({ name }) => name));
  const { steps, sidecars } = splitInit(pod);
  const { hostname, subdomain } = spec;
  const rest = {
    restartPolicy: frame.restartPolicy,
    terminationGrace: (spec.terminationGracePeriodSeconds ?? 30) * 1000,
    initContainers: steps.map((container) => planContainer(container, readOnly, pod)),
    containers: [...sidecars, ...spec.containers].map((container) => planContainer(container, readOnly, pod)),
    volumes,
    hostAliases: (spec.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: [...(hostnames ?? [])] })),
    ...(frame.job ? { job: frame.job } : {}),
  };
  const named = {
    hostname: shortName(hostname ?? pod.podName).replaceAll(".", "-"),
    aliases: [...frame.aliases, ...(hostname && subdomain ? dotted(`${hostname}.${subdomain}`, pod.namespace) : [])],
  };
  return {
    name: frame.name,
    workload: pod.workload,
    ...named,
    labels: { ...metadata?.labels },
    hash: hashOf({ ...named, ...rest, images: frame.images }),
    ...rest,
  };
}

/** A pod that cannot be started yet: it keeps its name, so that what runs under it may stay. */
export function blockedPod(frame: PodFrame, reason: string, pod: PodContext): PodPlan {
  return {
    name: frame.name,
    workload: pod.workload,
    hostname: shortName(pod.podName),
    aliases: [],
    labels: { ...pod.template.metadata?.labels },
    hash: hashOf({ blocked: reason }),
    blocked: reason,
    restartPolicy: frame.restartPolicy,
    terminationGrace: 0,
    initContainers: [],
    containers: [],
    volumes: [],
    hostAliases: [],
    ...(frame.job ? { job: frame.job } : {}),
  };
}

/** A name with all its endings that Kubernetes' DNS knows. */
export function dotted(name: string, namespace: string): string[] {
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

type Volume = NonNullable<PodContext["template"]["spec"]["volumes"]>[number];

/** What is made from configuration is never written back. */
function isReadOnly({ configMap, secret, projected, downwardAPI, persistentVolumeClaim }: Volume): boolean {
  return Boolean(configMap ?? secret ?? projected ?? downwardAPI) || persistentVolumeClaim?.readOnly === true;
}

/** Init containers that restart always are sidecars: they run beside the containers. */
function splitInit(pod: PodContext) {
  const all = pod.template.spec.initContainers ?? [];
  const sidecars = all.filter(({ restartPolicy }) => restartPolicy === "Always");
  if (sidecars.length > 0) {
    const names = sidecars.map(({ name }) => name).join(", ");
    const what = `sidecar ${names} starts with the containers, not before the init containers that follow it`;
    pod.warn("not-supported", what, "Make it one of the pod's containers.");
  }
  return { sidecars, steps: all.filter((container) => !sidecars.includes(container)) };
}
