import type { ContainersPlan, ImageBuildPlan, PodPlan, VolumePlan } from "../../../model/plan/index.ts";
import { parseQuantity } from "../../../model/value/index.ts";
import { Unplannable } from "../config/unplannable.ts";
import type { SecretBook } from "../config/secrets.ts";
import type { PlanOptions, Resolved } from "../input.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import type { Report } from "../report.ts";
import type { PodLabels } from "../services/services.ts";
import { planPodServices } from "../services/services.ts";
import type { PodContext } from "./context.ts";
import { newNamer } from "./names.ts";
import type { Namer } from "./names.ts";
import { blockedPod, planPod } from "./pod.ts";
import type { PodFrame } from "./pod.ts";
import type { WorkloadPlan } from "./workloads.ts";

interface Parts {
  inventory: Inventory;
  resolved: Resolved;
  secrets: SecretBook;
  report: Report;
  options: PlanOptions;
}

/** What runs in containers. A pod with a reference that leads nowhere waits; one that asks for too much is left out. */
export function planContainers(workloads: readonly WorkloadPlan[], parts: Parts): ContainersPlan {
  const { inventory, options } = parts;
  const volumes = planVolumes(workloads, inventory, newNamer(options.site));
  const claims = new Map(volumes.map(({ claim, name }) => [`${claim.namespace}/${claim.name}`, name]));
  const namer = newNamer(options.site);
  const pods = workloads.flatMap((workload) => planPods(workload, claims, namer, parts));
  return {
    site: options.site,
    pods,
    volumes,
    services: planPodServices(inventory, podLabels(workloads)),
    builds: planBuilds(workloads, parts),
  };
}

/** Labels of the pods that are wanted, whether they can be planned or not. */
export function podLabels(workloads: readonly WorkloadPlan[]): PodLabels {
  return workloads.map(({ ref, template }) => ({ namespace: ref.namespace, labels: template.metadata?.labels ?? {} }));
}

function planPods(workload: WorkloadPlan, claims: ReadonlyMap<string, string>, namer: Namer, parts: Parts): PodPlan[] {
  const { ref } = workload;
  const resource = resourceOf(workload);
  for (const { severity, message, remedy } of workload.remarks) {
    parts.report.add(resource, severity, severity === "error" ? "invalid-value" : "not-supported", message, remedy);
  }
  const build = parts.resolved.builds.get(resource);
  // Reported where the build was resolved.
  if (build && "reason" in build) return [];
  return workload.pods.flatMap(({ ordinal, aliases, claims: own }) => {
    const suffix = ordinal === undefined ? [] : [String(ordinal)];
    const context: PodContext = {
      workload: ref,
      template: workload.template,
      namespace: ref.namespace,
      podName: [ref.name, ...suffix].join("-"),
      node: parts.options.node ?? "local",
      privileged: parts.options.allowPrivileged?.includes(ref.namespace) === true,
      built: new Set(build ? [build.image] : []),
      inventory: parts.inventory,
      secrets: parts.secrets,
      claim: (name) => claims.get(`${ref.namespace}/${own.get(name) ?? name}`),
      warn: (code, message, remedy) => parts.report.add(resource, "warning", code, message, remedy),
    };
    const { restartPolicy, job } = workload;
    const frame: PodFrame = {
      name: namer([ref.namespace, ref.name, ...suffix]),
      aliases,
      restartPolicy,
      images: build ? [build.hash] : [],
    };
    try {
      return [planPod({ ...frame, ...(job ? { job } : {}) }, context)];
    } catch (error) {
      if (!(error instanceof Unplannable)) throw error;
      const waits = error.code === "dangling-reference" || error.code === "not-supported";
      parts.report.add(resource, waits ? "warning" : "error", error.code, error.message, error.remedy);
      return waits ? [blockedPod(frame, error.message, context)] : [];
    }
  });
}

/** Every claim, whether written down or made by a StatefulSet, also those that no pod mounts. */
function planVolumes(workloads: readonly WorkloadPlan[], inventory: Inventory, namer: Namer): VolumePlan[] {
  const wanted = new Map<string, { namespace: string; name: string; size?: string | number | undefined }>();
  for (const { ref, claims } of workloads) {
    for (const claim of claims) wanted.set(`${ref.namespace}/${claim.name}`, { namespace: ref.namespace, ...claim });
  }
  for (const { metadata, spec } of inventory.all("PersistentVolumeClaim")) {
    const size = spec.resources?.requests?.storage;
    wanted.set(`${metadata.namespace}/${metadata.name}`, { namespace: metadata.namespace, name: metadata.name, size });
  }
  const sorted = [...wanted].toSorted(([a], [b]) => compare(a, b));
  return sorted.map(([, { namespace, name, size }]) => {
    const bytes = size === undefined ? undefined : parseQuantity(size);
    return {
      name: namer([namespace, name]),
      claim: { namespace, name },
      ...(bytes === undefined ? {} : { size: Math.ceil(bytes) }),
    };
  });
}

/** Builds by image; two workloads may share one. */
function planBuilds(workloads: readonly WorkloadPlan[], { resolved, report }: Parts): ImageBuildPlan[] {
  const builds = new Map<string, ImageBuildPlan>();
  for (const workload of workloads) {
    const build = resolved.builds.get(resourceOf(workload));
    if (build === undefined || "reason" in build) continue;
    const other = builds.get(build.image);
    if (other !== undefined && other.context !== build.context) {
      const what = `image ${build.image} is built from two folders`;
      report.add(resourceOf(workload), "error", "invalid-value", what, "Give one of the images another name.");
    } else builds.set(build.image, build);
  }
  return [...builds.values()].toSorted((a, b) => compare(a.image, b.image));
}

/** `Kind/namespace/name`. */
function resourceOf({ ref }: WorkloadPlan): string {
  return `${ref.kind}/${ref.namespace}/${ref.name}`;
}
