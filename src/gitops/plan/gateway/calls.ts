import type { GRPCRoute, GRPCRouteMatch, GRPCRouteRule } from "../../../model/kinds/types.ts";
import type { MatchPlan, RulePlan } from "../../../model/plan/index.ts";
import type { RouteContext } from "./context.ts";
import { firstOfEachName, orAll, planAnyRule } from "./rules.ts";

/** One rule of a GRPCRoute: a call of `package.Service/Method` is a request for the path `/package.Service/Method`. */
export function planCalls(rule: GRPCRouteRule, index: number, route: GRPCRoute, context: RouteContext): RulePlan {
  return planAnyRule(rule, orAll(rule.matches).map(planMatch), { timeouts: {} }, index, route, context);
}

function planMatch({ method, headers = [] }: GRPCRouteMatch): MatchPlan {
  const lower = headers.map((header) => ({ ...header, name: header.name.toLowerCase() }));
  return { path: pathOf(method), grpc: true, headers: firstOfEachName(lower), query: [] };
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
