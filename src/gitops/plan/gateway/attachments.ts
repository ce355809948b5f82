import type { AnyRoute, ParentRef, Route, StreamRoute } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { byAge, compare, type Inventory } from "../inventory.ts";
import { attachTo, type Attached, type Refusal } from "./attach.ts";
import { shareHost } from "./hostnames.ts";
import { routeGroup, type PlannedListener } from "./listener.ts";

/** A route with what each of its parents says to it, in the order that they are written. */
export interface AttachedRoute<R extends AnyRoute = AnyRoute> {
  route: R;
  parents: AttachedParent[];
}

export interface AttachedParent {
  ref: ParentRef;
  /** The route does not name it, and asks for Gateways that take routes by default. */
  byDefault?: true;
  found: Attached[] | Refusal;
  /** The routes of another kind that were first at some of its listeners. */
  conflicts: Conflict[];
}

/** Who was first at a listener. */
export interface Conflict {
  listener: PlannedListener;
  holder: Route;
}

/** Every route of requests. */
export function allRoutes(inventory: Inventory): Route[] {
  return [...inventory.all("HTTPRoute"), ...inventory.all("GRPCRoute")];
}

/** Every route of connections and datagrams: the oldest first, which has what several want. */
export function allStreams(inventory: Inventory): StreamRoute[] {
  const kinds = ["TLSRoute", "TCPRoute", "UDPRoute"] as const;
  return kinds.flatMap((kind): StreamRoute[] => inventory.all(kind)).toSorted(byAge);
}

/** What becomes of them. Several may attach to one listener: all are accepted, and the data plane takes the first. */
export function attachStreams(listeners: PlannedListener[], inventory: Inventory): AttachedRoute<StreamRoute>[] {
  return allStreams(inventory).map((route) => ({ route, parents: parentsOf(route, listeners, inventory) }));
}

/** What becomes of every route of requests. Where an HTTPRoute and a GRPCRoute want a hostname of one listener, the older has it. */
export function attachRoutes(listeners: PlannedListener[], inventory: Inventory): AttachedRoute<Route>[] {
  const all = allRoutes(inventory).map((route): AttachedRoute<Route> => {
    return { route, parents: parentsOf(route, listeners, inventory) };
  });
  const kinds = new Set(all.map(({ route }) => route.kind));
  if (kinds.size > 1) settle(all);
  return all;
}

function parentsOf(route: AnyRoute, listeners: PlannedListener[], inventory: Inventory): AttachedParent[] {
  const { parentRefs: named = [], useDefaultGateways: scope = "None" } = route.spec;
  const more = scope === "None" ? [] : defaultParents(route, named, listeners);
  return [...named.map((ref) => ({ ref })), ...more.map((ref) => ({ ref, byDefault: true as const }))].map((parent) => {
    return { ...parent, found: attachTo(parent.ref, route, listeners, inventory), conflicts: [] };
  });
}

/** All Gateways with the scope `All`, the only one there is, but those that the route names itself (GEP-3793). */
function defaultParents({ metadata }: AnyRoute, named: ParentRef[], listeners: PlannedListener[]): ParentRef[] {
  const owners = new Set(listeners.map(({ owner }) => owner));
  return [...owners].flatMap((owner): ParentRef[] => {
    if (owner.kind !== "Gateway" || owner.spec.defaultScope !== "All") return [];
    const { namespace, name } = owner.metadata;
    const isNamed = named.some(
      (ref) =>
        (ref.kind ?? "Gateway") === "Gateway" &&
        ref.name === name &&
        (ref.namespace ?? metadata.namespace) === namespace &&
        ref.sectionName === undefined &&
        ref.port === undefined,
    );
    return isNamed ? [] : [{ group: routeGroup, kind: "Gateway", namespace, name }];
  });
}

/** The listeners that serve a route. A route without parents attaches nowhere. */
export function attachmentsOf({ parents }: AttachedRoute): RoutePlan["attachments"] {
  const attachments = new Map<string, string[]>();
  for (const { found } of parents) {
    if (typeof found === "string") continue;
    for (const { planned, hostnames } of found) {
      for (const plan of planned.plans) attachments.set(plan.id, hostnames);
    }
  }
  const sorted = [...attachments].toSorted(([a], [b]) => compare(a, b));
  return sorted.map(([listener, hostnames]) => ({ listener, hostnames }));
}

interface Holder {
  route: Route;
  hostnames: string[];
}

/** By age, then by name: whoever comes later gives way. */
function settle(all: AttachedRoute<Route>[]): void {
  const held = new Map<PlannedListener, Holder[]>();
  for (const { route, parents } of all.toSorted((a, b) => byAge(a.route, b.route))) {
    for (const parent of parents) {
      if (typeof parent.found === "string") continue;
      parent.found = parent.found.filter(({ planned, hostnames }) => {
        const holders = held.getOrInsertComputed(planned, () => []);
        const first = holders.find(
          (holder) => holder.route.kind !== route.kind && shareHost(holder.hostnames, hostnames),
        );
        if (first === undefined) holders.push({ route, hostnames });
        else parent.conflicts.push({ listener: planned, holder: first.route });
        return first === undefined;
      });
      if (parent.found.length === 0) parent.found = "HostnameConflict";
    }
  }
}
