import type { BackendTLSPolicy, BandstandPolicy, XBackendTrafficPolicy } from "../../../model/kinds/types.ts";
import type { Condition, PolicyConditions } from "../../../model/plan/index.ts";
import { byAge, idOf, type Inventory } from "../inventory.ts";

type Policy = BackendTLSPolicy | BandstandPolicy | XBackendTrafficPolicy;

/** One target of a policy that counts there. */
export interface Attachment<P extends Policy> {
  policy: P;
  /** `Kind/namespace/name`, or `Kind/namespace/name/section`. */
  target: string;
}

/** What policies of one kind came to. */
export interface Attached<P extends Policy> {
  /** The policies that count at a target, oldest first. */
  at(target: string): Attachment<P>[];
  /** Of every policy, its targets in the order that they are written. */
  conditions: PolicyConditions[];
}

/**
 * Attaches policies to what they name (GEP-713). Where two set the same field of one target, the older has it, then the
 * first by name; the other one counts nothing there.
 */
export function attachPolicies<P extends Policy>(policies: readonly P[], inventory: Inventory): Attached<P> {
  const found = new Map<string, Attachment<P>[]>();
  const holders = new Map<string, P>();
  const conditions = policies.toSorted(byAge).map((policy): PolicyConditions => {
    const { namespace, name } = policy.metadata;
    const ancestors = policy.spec.targetRefs.map((ref) => {
      const { group, kind, name: targetName, sectionName } = { sectionName: undefined, ...ref };
      const section = typeof sectionName === "string" ? { sectionName } : {};
      const target = [kind, namespace, targetName, ...Object.values(section)].join("/");
      const condition = lookUp(ref, namespace, inventory) ?? claim(policy, target, holders);
      if (condition.status === "True") found.set(target, [...(found.get(target) ?? []), { policy, target }]);
      return { ancestorRef: { group, kind, namespace, name: targetName, ...section }, conditions: [condition] };
    });
    return { kind: policy.kind, namespace, name, ancestors };
  });
  return { at: (target) => found.get(target) ?? [], conditions };
}

/** Why a target cannot have a policy; undefined where it can. */
function lookUp(ref: Policy["spec"]["targetRefs"][number], namespace: string, inventory: Inventory) {
  const { kind, name } = ref;
  const group = kind === "Service" ? "" : "gateway.networking.k8s.io";
  if (!isTarget(kind) || ref.group !== group) {
    return refused("Invalid", `a ${kind} of group ${JSON.stringify(ref.group)} takes no such policy`);
  }
  const target = inventory.find(kind, namespace, name);
  if (target === undefined) return refused("TargetNotFound", `${kind} ${namespace}/${name} does not exist`);
  const section = "sectionName" in ref ? ref.sectionName : undefined;
  if (section === undefined) return undefined;
  const sections: readonly { name?: string | undefined }[] =
    target.kind === "Gateway" || target.kind === "ListenerSet"
      ? target.spec.listeners
      : target.kind === "HTTPRoute" || target.kind === "GRPCRoute"
        ? (target.spec.rules ?? [])
        : (target.spec.ports ?? []);
  if (sections.some((each) => each.name === section)) return undefined;
  const known = sections.flatMap((each) => each.name ?? []).join(", ") || "none";
  const what = { Gateway: "listener", ListenerSet: "listener", GRPCRoute: "rule", HTTPRoute: "rule", Service: "port" }[
    kind
  ];
  return refused("TargetNotFound", `${kind} ${namespace}/${name} has no ${what} ${String(section)} (named: ${known})`);
}

const targets = ["Gateway", "GRPCRoute", "HTTPRoute", "ListenerSet", "Service"] as const;

function isTarget(kind: string): kind is (typeof targets)[number] {
  return (targets as readonly string[]).includes(kind);
}

function claim<P extends Policy>(policy: P, target: string, holders: Map<string, P>): Condition {
  const fields = Object.entries(policy.spec).filter(([field, value]) => field !== "targetRefs" && value !== undefined);
  for (const [field] of fields) {
    const holder = holders.get(`${target} ${field}`);
    if (holder === undefined) continue;
    return refused("Conflicted", `${field} of ${target} is set by the older ${holder.kind} ${idOf(holder)}`);
  }
  for (const [field] of fields) holders.set(`${target} ${field}`, policy);
  return { type: "Accepted", status: "True", reason: "Accepted", message: `attached to ${target}` };
}

function refused(reason: "Conflicted" | "Invalid" | "TargetNotFound", message: string): Condition {
  return { type: "Accepted", status: "False", reason, message };
}
