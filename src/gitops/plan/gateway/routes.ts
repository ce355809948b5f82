import type { HTTPRoute } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { idOf } from "../inventory.ts";
import { attachmentsOf } from "./attach.ts";
import { compressionOf } from "./compression.ts";
import type { JudgedRoute } from "./conditions.ts";
import type { RouteContext } from "./context.ts";
import type { PlannedListener } from "./listeners.ts";
import { planRule } from "./rules.ts";

/** Every HTTPRoute that attaches somewhere, and all of them for their conditions. */
export function planRoutes(
  listeners: PlannedListener[],
  context: RouteContext,
): { routes: RoutePlan[]; judged: JudgedRoute[] } {
  const routes: RoutePlan[] = [];
  const judged = context.inventory.all("HTTPRoute").map((route) => {
    // A route without rules has one that matches everything.
    const rules = (route.spec.rules ?? [{}]).map((rule, index) => planRule(rule, index, route, context));
    const attachments = attachmentsOf(route, listeners, context.inventory);
    if (attachments.length > 0) routes.push(planRoute(route, attachments, rules, context));
    return { route, rules };
  });
  return { routes, judged };
}

function planRoute(
  route: HTTPRoute,
  attachments: RoutePlan["attachments"],
  rules: RoutePlan["rules"],
  { report }: RouteContext,
): RoutePlan {
  const created = route.metadata.creationTimestamp;
  const compression = compressionOf(route, report);
  return { id: idOf(route), ...(created === undefined ? {} : { created }), attachments, rules, ...compression };
}
