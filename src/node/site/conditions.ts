import type { Problem } from "../../model/index.ts";
import type { FilterPlan, GatewayPlan, RoutePlan } from "../../model/plan/index.ts";
import { split } from "./status.ts";

/** A condition of the Gateway API. */
export interface Condition {
  type: "Accepted" | "ResolvedRefs" | "PartiallyInvalid";
  status: "True" | "False";
  reason: string;
  message: string;
}

export interface RouteStatus {
  namespace: string;
  name: string;
  conditions: Condition[];
}

/** Routes with the Gateway API's conditions: those of the plan, and those that problems say attach nowhere. */
export function routeConditions(plan: GatewayPlan, problems: readonly Problem[]): RouteStatus[] {
  const of = (id: string): Problem[] => problems.filter(({ resource }) => resource === `HTTPRoute/${id}`);
  const attached = new Map(plan.routes.map((route) => [route.id, route]));
  const ids = new Set([...attached.keys(), ...problems.flatMap(({ resource }) => routeId(resource) ?? [])]);
  return [...ids].toSorted().map((id) => {
    const route = attached.get(id);
    return { ...split(id), conditions: [...accepted(route, of(id)), resolved(route)] };
  });
}

function routeId(resource: string | undefined): string | undefined {
  return resource?.startsWith("HTTPRoute/") ? resource.slice("HTTPRoute/".length) : undefined;
}

function accepted(route: RoutePlan | undefined, problems: Problem[]): Condition[] {
  if (route === undefined) {
    const problem = problems.find(({ code }) => code in whyNotAccepted);
    const message = problem?.message ?? "the route is attached to no listener";
    // One code covers parents and hostnames; the specification tells them apart.
    const hostnames = message.includes("hostnames");
    const reason = hostnames ? "NoMatchingListenerHostname" : whyNotAccepted[problem?.code ?? ""];
    return [{ type: "Accepted", status: "False", reason: reason ?? "NoMatchingParent", message }];
  }
  const condition: Condition = {
    type: "Accepted",
    status: "True",
    reason: "Accepted",
    message: `attached to ${route.attachments.map(({ listener }) => listener).join(", ")}`,
  };
  const unsupported = problems.find(({ code }) => code === "not-supported" || code === "invalid-value");
  if (unsupported === undefined) return [condition];
  const partial = { reason: "UnsupportedValue", message: unsupported.message };
  return [condition, { type: "PartiallyInvalid", status: "True", ...partial }];
}

const whyNotAccepted: Partial<Record<string, string>> = {
  "reference-not-granted": "NotAllowedByListeners",
  "dangling-reference": "NoMatchingParent",
  "route-not-attached": "NoMatchingParent",
};

function resolved(route: RoutePlan | undefined): Condition {
  const [message] = route === undefined ? [] : unresolvedOf(route);
  if (message === undefined) {
    return { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message: "every reference is resolved" };
  }
  return { type: "ResolvedRefs", status: "False", reason: whyUnresolved(message), message };
}

/** The plan says it in words; the specification's reasons follow from them. */
function whyUnresolved(message: string): string {
  if (/ is no (?:backend|filter)\b|not served yet/.test(message)) return "InvalidKind";
  return message.includes("no ReferenceGrant") ? "RefNotPermitted" : "BackendNotFound";
}

function unresolvedOf(route: RoutePlan): string[] {
  const ofFilters = (filters: FilterPlan[]): string[] =>
    filters.flatMap((filter) => {
      if (filter.type === "RequestMirror") return filter.target.type === "Unresolved" ? [filter.target.reason] : [];
      return filter.type === "Unresolved" ? [filter.reason] : [];
    });
  return route.rules.flatMap((rule) => [
    ...ofFilters(rule.filters),
    ...rule.backends.flatMap(({ target, filters }) => [
      ...(target.type === "Unresolved" ? [target.reason] : []),
      ...ofFilters(filters),
    ]),
  ]);
}
