import type { GatewayState } from "../../gateway/gateway.ts";
import type {
  Condition,
  ConditionsPlan,
  ListenerSetConditions,
  ParentRefPlan,
  RouteConditions,
} from "../../model/plan/index.ts";

export interface GatewayStatus extends ListenerSetStatus {
  /** Where it listens now. */
  addresses: { type: "IPAddress"; value: string }[];
  attachedListenerSets: number;
}

export interface ListenerSetStatus {
  namespace: string;
  name: string;
  conditions: Condition[];
  listeners: {
    name: string;
    supportedKinds: { group: string; kind: string }[];
    attachedRoutes: number;
    conditions: Condition[];
  }[];
}

export interface RouteStatus {
  kind: RouteConditions["kind"];
  namespace: string;
  name: string;
  /** Of all parents together: what any of them takes is accepted. */
  conditions: Condition[];
  parents: { parentRef: ParentRefPlan; conditions: Condition[] }[];
}

/** Gateways with the Gateway API's conditions: what was planned, and whether their sockets are open. */
export function gatewayStatus({ gateways }: ConditionsPlan, state: GatewayState): GatewayStatus[] {
  const ready = readyIn(state);
  return gateways.map((gateway) => {
    const within = `${gateway.namespace}/${gateway.name}/`;
    const open = new Set(
      state.listeners.flatMap(({ id, address }) => (ready.has(id) && id.startsWith(within) ? address : [])),
    );
    const addresses = gateway.addresses.flatMap((value) =>
      open.has(value) ? [{ type: "IPAddress" as const, value }] : [],
    );
    const { attachedListenerSets } = gateway;
    return { ...withSockets(gateway, ready), addresses, attachedListenerSets };
  });
}

/** ListenerSets, as Gateways. */
export function listenerSetStatus({ listenerSets }: ConditionsPlan, state: GatewayState): ListenerSetStatus[] {
  const ready = readyIn(state);
  return listenerSets.map((set) => withSockets(set, ready));
}

function readyIn({ listeners }: GatewayState): ReadonlySet<string> {
  return new Set(listeners.filter((listener) => listener.ready).map(({ id }) => id));
}

function withSockets(
  { namespace, name, conditions, listeners: planned }: ListenerSetConditions,
  ready: ReadonlySet<string>,
): ListenerSetStatus {
  const own = planned.map(({ plans, conditions: wanted, ...rest }) => {
    const open = plans.every((id) => ready.has(id));
    return { ...rest, conditions: open ? wanted : wanted.map(pending) };
  });
  const some = planned.some(({ plans }) => plans.some((id) => ready.has(id)));
  return { namespace, name, conditions: some ? conditions : conditions.map(pending), listeners: own };
}

function pending(condition: Condition): Condition {
  if (condition.type !== "Programmed" || condition.status === "False") return condition;
  return { ...condition, status: "False", reason: "Pending", message: "its sockets are not open" };
}

/** Routes with the Gateway API's conditions. */
export function routeStatus({ routes }: ConditionsPlan): RouteStatus[] {
  return routes.map((route) => ({ ...route, conditions: together(route) }));
}

function together({ parents }: RouteConditions): Condition[] {
  const accepting = parents.find(({ conditions }) => conditions[0]?.status === "True");
  const chosen = accepting ?? parents[0];
  if (chosen !== undefined) return chosen.conditions;
  const message = "the route names no parent in spec.parentRefs, and has none by default";
  return [{ type: "Accepted", status: "False", reason: "NoMatchingParent", message }];
}
