import type { Route } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { compare, idOf } from "../inventory.ts";
import { attachmentsOf, type AttachedRoute } from "./attachments.ts";
import { compressionOf } from "./compression.ts";
import type { JudgedRoute, JudgedRule } from "./conditions.ts";
import type { RouteContext } from "./context.ts";
import { planCalls } from "./calls.ts";
import { shareHost } from "./hostnames.ts";
import { nameOf } from "../report.ts";
import { planRule } from "./rules.ts";

/** Every route that attaches somewhere, and all of them for their conditions. */
export function planRoutes(
  attached: AttachedRoute<Route>[],
  context: RouteContext,
): { routes: RoutePlan[]; judged: JudgedRoute[] } {
  const routes: RoutePlan[] = [];
  const judged = attached.map((each) => {
    const rules = planRules(each.route, context);
    for (const { dropped } of rules) {
      if (dropped !== undefined) context.report.add(nameOf(each.route), "warning", "invalid-value", dropped, correct);
    }
    const attachments = attachmentsOf(each);
    const served = rules.flatMap(({ plan, dropped }) => (dropped === undefined ? [plan] : []));
    if (attachments.length === 0 || served.length === 0) return { ...each, rules };
    const places = attachments.map((attachment) => ({ ...attachment, ...writtenBy(each.route, attachment) }));
    routes.push(planRoute(each.route, places, served, context));
    return { ...each, rules };
  });
  return { routes, judged };
}

const correct = "Correct it; until then the rule is dropped and takes no request.";

/**
 * Of several routes that come to one hostname at a listener those whose own is longest go first (HTTPRouteSpec, `hostnames`): one that
 * names it before `*.shop.example`, and that before one that names none.
 */
function writtenBy(
  { spec }: Route,
  { hostnames }: RoutePlan["attachments"][number],
): Pick<RoutePlan["attachments"][number], "written"> {
  const written = (spec.hostnames ?? []).filter((hostname) => shareHost([hostname], hostnames)).toSorted(compare);
  return written.join(" ") === hostnames.join(" ") ? {} : { written };
}

/** A route without rules has one that matches everything. */
function planRules(route: Route, context: RouteContext): JudgedRule[] {
  if (route.kind === "HTTPRoute") {
    return (route.spec.rules ?? [{}]).map((rule, index) => planRule(rule, index, route, context));
  }
  const { rules = [] } = route.spec;
  return (rules.length === 0 ? [{}] : rules).map((rule, index) => planCalls(rule, index, route, context));
}

function planRoute(
  route: Route,
  attachments: RoutePlan["attachments"],
  rules: RoutePlan["rules"],
  { report }: RouteContext,
): RoutePlan {
  const { creationTimestamp: created } = route.metadata;
  const age = created === undefined ? {} : { created };
  if (route.kind === "HTTPRoute") {
    return { id: idOf(route), ...age, attachments, rules, ...compressionOf(route, report) };
  }
  // gRPC compresses for itself.
  return { id: `GRPCRoute/${idOf(route)}`, grpc: true, ...age, attachments, rules, compression: [] };
}
