import type { GRPCRoute, GRPCRouteMatch, GRPCRouteRule } from "../../../model/kinds/types.ts";
import type { MatchPlan } from "../../../model/plan/index.ts";
import type { JudgedRule } from "./conditions.ts";
import type { RouteContext } from "./context.ts";
import { invalidPattern } from "./patterns.ts";
import { orAll, planAnyRule, planHeaders } from "./rules.ts";

/** One rule of a GRPCRoute: a call of `package.Service/Method` is a request for the path `/package.Service/Method`. */
export function planCalls(rule: GRPCRouteRule, index: number, route: GRPCRoute, context: RouteContext): JudgedRule {
  const judged = planAnyRule(rule, orAll(rule.matches).map(planMatch), { timeouts: {} }, index, route, context);
  // Each by itself too: two halves could make a whole.
  return { ...judged, dropped: invalidPattern((rule.matches ?? []).flatMap(halves)) ?? judged.dropped };
}

function halves({ method }: GRPCRouteMatch): MatchPlan[] {
  if (method?.type !== "RegularExpression") return [];
  const { type, service = "", method: name = "" } = method;
  return [service, name].map((value) => ({ path: { type, value }, headers: [], query: [] }));
}

function planMatch({ method, headers = [] }: GRPCRouteMatch): MatchPlan {
  return { path: pathOf(method), grpc: true, headers: planHeaders(headers), query: [] };
}

/**
 * The order of paths is the order of calls that the Gateway API wants: a service with its method (Exact), a service
 * (PathPrefix, of one whole segment), a method of any service (LastSegment), any call. Regular expressions come after Exact.
 */
function pathOf(method: GRPCRouteMatch["method"]): MatchPlan["path"] {
  const { type = "Exact", service = "", method: name = "" } = method ?? {};
  if (service === "" && name === "") return { type: "PathPrefix", value: "/" };
  if (type === "RegularExpression") {
    const segment = (pattern: string): string => (pattern === "" ? "[^/]+" : `(?:${pattern})`);
    return { type, value: `/${segment(service)}/${segment(name)}` };
  }
  if (name === "") return { type: "PathPrefix", value: `/${service}` };
  return service === "" ? { type: "LastSegment", value: name } : { type: "Exact", value: `/${service}/${name}` };
}
