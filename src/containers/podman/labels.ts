import type { WorkloadRef } from "../../model/plan/index.ts";

/** Labels by which we know our own. */
export const labels = {
  site: "bandstand.dev/site",
  kind: "bandstand.dev/kind",
  namespace: "bandstand.dev/namespace",
  name: "bandstand.dev/name",
  /** `PodPlan.name`. */
  pod: "bandstand.dev/pod",
  /** `PodSpec.hash`. */
  hash: "bandstand.dev/hash",
  attempt: "bandstand.dev/attempt",
  container: "bandstand.dev/container",
  restarts: "bandstand.dev/restarts",
  claim: "bandstand.dev/claim",
  /** On images: not `site`, since containers inherit their image's labels, and those are not ours to remove. */
  builtFor: "bandstand.dev/built-for",
  built: "bandstand.dev/built",
} as const;

export function workloadLabels({ kind, namespace, name }: WorkloadRef): Record<string, string> {
  return { [labels.kind]: kind, [labels.namespace]: namespace, [labels.name]: name };
}

/** The workload that labels name; undefined where they are not complete. */
export function workloadOf(found: Record<string, string>): WorkloadRef | undefined {
  const kind = kinds.find((one) => one === found[labels.kind]);
  const { [labels.namespace]: namespace, [labels.name]: name } = found;
  return kind && namespace !== undefined && name !== undefined ? { kind, namespace, name } : undefined;
}

const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"] as const;

/** A filter of Podman's lists: what belongs to a site. */
export function siteFilter(site: string, label: string = labels.site): string {
  return JSON.stringify({ label: [`${label}=${site}`] });
}
