import type { HTTPRoute, ParentRef } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { selects } from "../selector.ts";
import { intersectHostnames } from "./hostnames.ts";
import type { PlannedListener } from "./listeners.ts";

const group = "gateway.networking.k8s.io";

/** A listener that takes a route, with the hostnames that both have in common (empty: every host). */
export interface Attached {
  planned: PlannedListener;
  hostnames: string[];
}

/** Why a parent takes a route nowhere: the reasons of the Gateway API. */
export type Refusal = "NoMatchingParent" | "NotAllowedByListeners" | "NoMatchingListenerHostname";

/** What one of a route's parents says to it. Whether a listener can be served plays no part in that. */
export function attachTo(
  ref: ParentRef,
  route: HTTPRoute,
  listeners: PlannedListener[],
  inventory: Inventory,
): Attached[] | Refusal {
  const named = listeners.filter((planned) => refersTo(ref, route, planned));
  if (named.length === 0) return "NoMatchingParent";
  const allowing = named.filter((planned) => allows(planned, route, inventory));
  if (allowing.length === 0) return "NotAllowedByListeners";
  const attached = allowing.flatMap((planned) => {
    const hostnames = intersectHostnames(planned.listener.hostname || undefined, route.spec.hostnames ?? []);
    return hostnames === undefined ? [] : [{ planned, hostnames: hostnames.toSorted(compare) }];
  });
  return attached.length === 0 ? "NoMatchingListenerHostname" : attached;
}

/** The listeners that serve a route. A route without parentRefs attaches nowhere. */
export function attachmentsOf(
  route: HTTPRoute,
  listeners: PlannedListener[],
  inventory: Inventory,
): RoutePlan["attachments"] {
  const attachments = new Map<string, string[]>();
  for (const ref of route.spec.parentRefs ?? []) {
    const attached = attachTo(ref, route, listeners, inventory);
    if (typeof attached === "string") continue;
    for (const { planned, hostnames } of attached) {
      for (const plan of planned.plans) attachments.set(plan.id, hostnames);
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
function allows({ gateway, listener, unsupported }: PlannedListener, route: HTTPRoute, inventory: Inventory): boolean {
  // What speaks another protocol takes other kinds of routes.
  if (unsupported?.reason === "UnsupportedProtocol") return false;
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
