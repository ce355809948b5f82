import type { PodTemplate, StatefulSet } from "../../../model/kinds/types.ts";
import type { PodPlan, WorkloadRef } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { dotted } from "./pod.ts";

/** One document that makes pods, in one form whatever its kind. */
export interface WorkloadPlan {
  ref: WorkloadRef;
  template: PodTemplate;
  annotations: Record<string, string>;
  restartPolicy: PodPlan["restartPolicy"];
  job?: NonNullable<PodPlan["job"]>;
  /** One entry a pod; `ordinal` undefined where the pod is the only one there can be. */
  pods: { ordinal?: number; aliases: string[]; claims: ReadonlyMap<string, string> }[];
  /** Asked for more pods than are planned, or in another way. */
  remarks: { severity: "warning" | "error"; message: string; remedy: string }[];
  /** Claims that come with the pods. */
  claims: { name: string; size?: string | number }[];
}

/** Pods of one workload; more is a slip of the keyboard on the machines this is for. */
const maximumReplicas = 100;

/** Everything that makes pods, by namespace, name and kind. */
export function listWorkloads(inventory: Inventory): WorkloadPlan[] {
  const found = [
    ...inventory
      .all("Deployment")
      .map((d) => base(d, d.spec.template, { pods: ordinals(d.spec.replicas), ...tooMany(d.spec.replicas) })),
    ...inventory.all("StatefulSet").map(statefulSet),
    // One machine, one pod.
    ...inventory.all("DaemonSet").map((d) => base(d, d.spec.template, {})),
    ...inventory.all("Job").map((job) => {
      const { template, backoffLimit = 6, activeDeadlineSeconds, completions, parallelism, suspend } = job.spec;
      const deadline = activeDeadlineSeconds === undefined ? {} : { activeDeadline: activeDeadlineSeconds * 1000 };
      const none = suspend === true || completions === 0 || parallelism === 0;
      return base(job, template, {
        restartPolicy: template.spec.restartPolicy ?? "Never",
        job: { backoffLimit, ...deadline },
        ...(none ? { pods: [] } : {}),
        ...((completions ?? 1) > 1 || (parallelism ?? 1) > 1 ? { remarks: [oneCompletion] } : {}),
      });
    }),
    ...inventory.all("Pod").map((pod) => {
      const { metadata, spec } = pod;
      return base(pod, { metadata, spec }, { restartPolicy: spec.restartPolicy ?? "Always" });
    }),
  ];
  return found.toSorted((a, b) => compare(orderOf(a), orderOf(b)));
}

const oneCompletion = {
  severity: "warning",
  message: "completions and parallelism above 1 are not supported: one pod runs to completion",
  remedy: "Write several Jobs, or let one pod do all the work.",
} as const;

interface Document {
  kind: string;
  metadata: { name: string; namespace: string; annotations?: Record<string, string> | undefined };
}

function base(document: Document, template: PodTemplate, more: Partial<WorkloadPlan>): WorkloadPlan {
  const { name, namespace, annotations = {} } = document.metadata;
  return {
    ref: { kind: document.kind as WorkloadRef["kind"], namespace, name },
    template,
    annotations,
    restartPolicy: "Always",
    pods: [{ aliases: [], claims: new Map() }],
    remarks: [],
    claims: [],
    ...more,
  };
}

/** Pods with names and claims of their own: `orders-0` with `data-orders-0`. */
function statefulSet(set: StatefulSet): WorkloadPlan {
  const { metadata, spec } = set;
  const templates = spec.volumeClaimTemplates ?? [];
  const claimOf = (template: string, ordinal: number) => `${template}-${metadata.name}-${ordinal}`;
  const pods = ordinals(spec.replicas).map(({ ordinal }) => {
    const name = `${metadata.name}-${ordinal}`;
    const names = spec.serviceName ? [name, ...dotted(`${name}.${spec.serviceName}`, metadata.namespace)] : [name];
    const claims = new Map(
      templates.map((template) => [template.metadata.name, claimOf(template.metadata.name, ordinal)]),
    );
    return { ordinal, aliases: names, claims };
  });
  const claims = templates.flatMap((template) => {
    const size = template.spec.resources?.requests?.storage;
    return pods.map(({ ordinal }) => ({
      name: claimOf(template.metadata.name, ordinal),
      ...(size === undefined ? {} : { size }),
    }));
  });
  return base(set, withClaimVolumes(set), { pods, claims, ...tooMany(spec.replicas) });
}

/** A claim template is a volume of the pod, and wins over one of the same name. */
function withClaimVolumes({ spec: { template, volumeClaimTemplates = [] } }: StatefulSet): PodTemplate {
  const names = volumeClaimTemplates.map(({ metadata }) => metadata.name);
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  const claims = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...claims] } };
}

function ordinals(replicas = 1) {
  const count = Math.min(replicas, maximumReplicas);
  return Array.from({ length: count }, (_, ordinal) => ({ ordinal, aliases: [], claims: new Map<string, string>() }));
}

function tooMany(replicas = 1): Pick<WorkloadPlan, "remarks"> {
  if (replicas <= maximumReplicas) return { remarks: [] };
  const message = `spec.replicas is ${replicas}: expected at most ${maximumReplicas} on one machine`;
  return { remarks: [{ severity: "error", message, remedy: "Lower spec.replicas." }] };
}

function orderOf({ ref }: WorkloadPlan): string {
  return `${ref.namespace}/${ref.name}/${ref.kind}`;
}
