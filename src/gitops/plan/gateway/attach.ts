import type { AnyRoute, ParentRef } from "../../../model/kinds/types.ts";
import { compare } from "../inventory.ts";
import type { Inventory } from "../inventory.ts";
import { selects } from "../selector.ts";
import { intersectHostnames } from "./hostnames.ts";
import { namesKind, routeGroup, servedKinds, type PlannedListener } from "./listener.ts";

/** A listener that takes a route, with the hostnames that both have in common (empty: every host). */
export interface Attached {
  planned: PlannedListener;
  hostnames: string[];
}

/** Why a parent takes a route nowhere: the reasons of the Gateway API. */
export type Refusal =
  | "NoMatchingParent"
  | "NotAllowedByListeners"
  | "NoMatchingListenerHostname"
  /** A route of another kind has its hostnames there: HTTPRoutes and GRPCRoutes share none. */
  | "HostnameConflict";

/** What one of a route's parents says to it. Whether a listener can be served plays no part in that. */
export function attachTo(
  ref: ParentRef,
  route: AnyRoute,
  listeners: PlannedListener[],
  inventory: Inventory,
): Attached[] | Refusal {
  const named = listeners.filter((planned) => refersTo(ref, route, planned));
  if (named.length === 0) return "NoMatchingParent";
  const allowing = named.filter((planned) => allows(planned, route, inventory));
  if (allowing.length === 0) return "NotAllowedByListeners";
  const attached = allowing.flatMap((planned) => {
    const hostnames = hostnamesAt(planned, route);
    return hostnames === undefined ? [] : [{ planned, hostnames: hostnames.toSorted(compare) }];
  });
  return attached.length === 0 ? "NoMatchingListenerHostname" : attached;
}

/** Undefined: they have none in common. What carries no name is for all of them. */
export function hostnamesAt({ listener }: Pick<PlannedListener, "listener">, route: AnyRoute): string[] | undefined {
  if (route.kind === "TCPRoute" || route.kind === "UDPRoute") return [];
  return intersectHostnames(listener.hostname || undefined, route.spec.hostnames ?? []);
}

function refersTo(ref: ParentRef, route: AnyRoute, { owner, listener }: PlannedListener): boolean {
  return (
    (ref.group ?? routeGroup) === routeGroup &&
    (ref.kind ?? "Gateway") === owner.kind &&
    (ref.namespace ?? route.metadata.namespace) === owner.metadata.namespace &&
    ref.name === owner.metadata.name &&
    (ref.sectionName === undefined || ref.sectionName === listener.name) &&
    (ref.port === undefined || ref.port === listener.port)
  );
}

/** `allowedRoutes`: which kinds from which namespaces. Default: all that are served, of the namespace that the listener is of. */
function allows({ owner, listener }: PlannedListener, route: AnyRoute, inventory: Inventory): boolean {
  // What speaks another protocol takes other kinds of routes.
  if (!servedKinds(listener).includes(route.kind)) return false;
  const { namespaces, kinds = [] } = listener.allowedRoutes ?? {};
  if (kinds.length > 0 && !kinds.some((kind) => namesKind(kind, route.kind))) return false;
  const { namespace } = route.metadata;
  switch (namespaces?.from ?? "Same") {
    case "All":
      return true;
    case "Same":
      return namespace === owner.metadata.namespace;
    case "Selector":
      // A selector that is missing takes nothing: deny by default.
      return namespaces?.selector !== undefined && selects(namespaces.selector, inventory.namespaceLabels(namespace));
    default:
      return false;
  }
}
