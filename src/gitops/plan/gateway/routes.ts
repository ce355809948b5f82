import type { HTTPRoute } from "../../../model/kinds/types.ts";
import type { RoutePlan } from "../../../model/plan/index.ts";
import { idOf } from "../inventory.ts";
import { attachmentsOf } from "./attach.ts";
import type { RouteContext } from "./context.ts";
import type { PlannedListener } from "./listeners.ts";
import { planRule } from "./rules.ts";

/** Every HTTPRoute that attaches somewhere; the others are reported by the diagnosis. */
export function planRoutes(listeners: PlannedListener[], context: RouteContext): RoutePlan[] {
  return context.inventory.all("HTTPRoute").flatMap((route) => {
    const attachments = attachmentsOf(route, listeners, context.inventory);
    return attachments.length === 0 ? [] : [planRoute(route, attachments, context)];
  });
}

function planRoute(route: HTTPRoute, attachments: RoutePlan["attachments"], context: RouteContext): RoutePlan {
  const created = route.metadata.creationTimestamp;
  return {
    id: idOf(route),
    ...(created === undefined ? {} : { created }),
    attachments,
    // A route without rules has one that matches everything.
    rules: (route.spec.rules ?? [{}]).map((rule, index) => planRule(rule, index, route, context)),
  };
}
