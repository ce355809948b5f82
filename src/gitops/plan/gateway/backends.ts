import type { BackendRef, Route } from "../../../model/kinds/types.ts";
import type { BackendPlan } from "../../../model/plan/index.ts";
import type { RouteContext } from "./context.ts";
import { planFilters } from "./filters.ts";
import { targetOf } from "./targets.ts";

/** One backend with its weight (default 1); what cannot be resolved keeps its share, answered with 500. */
export function planBackend(ref: BackendRef, route: Route, context: RouteContext): BackendPlan {
  return {
    weight: ref.weight ?? 1,
    target: targetOf(ref, route, context),
    filters: planFilters(ref.filters ?? [], route, context),
  };
}
