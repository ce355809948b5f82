import type { AnyRoute, BackendRef, HTTPRouteFilter } from "../../../model/kinds/types.ts";
import type { PolicyConditions } from "../../../model/plan/index.ts";
import { compare, idOf } from "../inventory.ts";
import type { JudgedRoute } from "./conditions.ts";
import type { TargetRef } from "./targets.ts";

type Ancestor = PolicyConditions["ancestors"][number];

/**
 * The conditions of BackendTLSPolicies by Gateway, as the Gateway API wants them: a policy counts where a Gateway sends
 * requests to its Service. Where none does, the Service itself stands for it.
 */
export function byGateway(policies: PolicyConditions[], routes: JudgedRoute[]): PolicyConditions[] {
  if (policies.every(({ kind }) => kind !== "BackendTLSPolicy")) return policies;
  const gateways = gatewaysOfServices(routes);
  return policies.map((policy) => {
    if (policy.kind !== "BackendTLSPolicy") return policy;
    const ancestors = new Map<string, Ancestor>();
    for (const target of policy.ancestors) {
      const { namespace, name } = target.ancestorRef;
      const found = [...(gateways.get(`${namespace}/${name}`) ?? [])].toSorted(compare);
      const refs = found.length === 0 ? [target.ancestorRef] : found.map(gatewayRef);
      for (const ancestorRef of refs) {
        const key = JSON.stringify(ancestorRef);
        const known = ancestors.get(key);
        // One entry a Gateway: of several targets that with a complaint speaks.
        if (known === undefined || !complains(known)) ancestors.set(key, { ...target, ancestorRef });
      }
    }
    return { ...policy, ancestors: [...ancestors.values()] };
  });
}

function complains({ conditions }: Ancestor): boolean {
  return conditions.some(({ status }) => status === "False");
}

function gatewayRef(id: string): Ancestor["ancestorRef"] {
  const [namespace = "", name = ""] = id.split("/");
  return { group: "gateway.networking.k8s.io", kind: "Gateway", namespace, name };
}

/** By `namespace/name` of Services: the Gateways whose routes send requests there. */
function gatewaysOfServices(routes: JudgedRoute[]) {
  const gateways = new Map<string, Set<string>>();
  for (const { route, parents } of routes) {
    const attached = parents.flatMap(({ found }) =>
      typeof found === "string" ? [] : found.map(({ planned }) => idOf(planned.gateway)),
    );
    for (const { group = "", kind = "Service", name, namespace } of referredBy(route)) {
      if (group !== "" || kind !== "Service") continue;
      const service = `${namespace ?? route.metadata.namespace}/${name}`;
      const known = gateways.getOrInsertComputed(service, () => new Set<string>());
      for (const gateway of attached) known.add(gateway);
    }
  }
  return gateways;
}

/** Everything that requests of a route, copies of them and questions about them are sent to. */
function referredBy(route: AnyRoute): TargetRef[] {
  const ofFilters = (filters: HTTPRouteFilter[] = []): TargetRef[] =>
    filters.flatMap(({ requestMirror, externalAuth }) => [
      ...(requestMirror === undefined ? [] : [requestMirror.backendRef]),
      ...(externalAuth === undefined ? [] : [externalAuth.backendRef]),
    ]);
  const rules: { filters?: HTTPRouteFilter[] | undefined; backendRefs?: BackendRef[] | undefined }[] =
    route.spec.rules ?? [];
  return rules.flatMap(({ filters, backendRefs = [] }) => [
    ...ofFilters(filters),
    ...backendRefs.flatMap((ref) => [ref, ...ofFilters(ref.filters)]),
  ]);
}
