import type { HTTPRoute, ParentRef } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { selects } from "../selector.ts";
import { intersectHostnames } from "./hostnames.ts";
import type { PlannedListener } from "./listeners.ts";

const group = "gateway.networking.k8s.io";

/** The listeners that a route attaches to. A route without parentRefs attaches nowhere. */
export function attachmentsOf(
  route: HTTPRoute,
  listeners: PlannedListener[],
  inventory: Inventory,
): RoutePlan["attachments"] {
  const attachments = new Map<string, string[]>();
  for (const ref of route.spec.parentRefs ?? []) {
    for (const planned of listeners) {
      if (!refersTo(ref, route, planned) || !allows(planned, route, inventory)) continue;
      const hostnames = intersectHostnames(planned.listener.hostname, route.spec.hostnames ?? []);
      if (hostnames === undefined) continue;
      for (const plan of planned.plans) attachments.set(plan.id, hostnames.toSorted(compare));
    }
  }
  const sorted = [...attachments].toSorted(([a], [b]) => compare(a, b));
  return sorted.map(([listener, hostnames]) => ({ listener, hostnames }));
}

function refersTo(ref: ParentRef, route: HTTPRoute, { gateway, listener }: PlannedListener): boolean {
  return (
    (ref.group ?? group) === group &&
    (ref.kind ?? "Gateway") === "Gateway" &&
    (ref.namespace ?? route.metadata.namespace) === gateway.metadata.namespace &&
    ref.name === gateway.metadata.name &&
    (ref.sectionName === undefined || ref.sectionName === listener.name) &&
    (ref.port === undefined || ref.port === listener.port)
  );
}

/** `allowedRoutes`: which kinds from which namespaces. Default: HTTPRoutes of the Gateway's own namespace. */
function allows({ gateway, listener }: PlannedListener, route: HTTPRoute, inventory: Inventory): boolean {
  const { namespaces, kinds = [] } = listener.allowedRoutes ?? {};
  if (kinds.length > 0 && !kinds.some((k) => (k.group ?? group) === group && k.kind === "HTTPRoute")) return false;
  const { namespace } = route.metadata;
  switch (namespaces?.from ?? "Same") {
    case "All":
      return true;
    case "Same":
      return namespace === gateway.metadata.namespace;
    case "Selector":
      // A selector that is missing takes nothing: deny by default.
      return namespaces?.selector !== undefined && selects(namespaces.selector, inventory.namespaceLabels(namespace));
    default:
      return false;
  }
}
