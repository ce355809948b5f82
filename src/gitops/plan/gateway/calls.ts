import type { GRPCRoute, GRPCRouteMatch, GRPCRouteRule } from "../../../model/kinds/types.ts";
import type { MatchPlan, RulePlan } from "../../../model/plan/index.ts";
import { planBackend } from "./backends.ts";
import type { RouteContext } from "./context.ts";
import { planFilters } from "./filters.ts";
import { firstOfEachName, planSessionOf } from "./rules.ts";

/** One rule of a GRPCRoute: a call of `package.Service/Method` is a request for the path `/package.Service/Method`. */
export function planCalls(rule: GRPCRouteRule, index: number, route: GRPCRoute, context: RouteContext): RulePlan {
  const matches = rule.matches ?? [];
  return {
    ...(rule.name === undefined ? {} : { name: rule.name }),
    matches: matches.length === 0 ? [planMatch({})] : matches.map(planMatch),
    filters: planFilters(rule.filters ?? [], route, context),
    backends: (rule.backendRefs ?? []).map((ref) => planBackend(ref, route, context)),
    timeouts: {},
    ...planSessionOf(rule, index, route),
    ...context.policies.ofRule(route, rule.name),
  };
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
