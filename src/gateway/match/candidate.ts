import type { MatchPlan, RoutePlan } from "../../model/plan/index.ts";
import { compileCondition, type Condition } from "./conditions.ts";

/** One match of one rule on one listener. */
export interface Candidate<T> {
  readonly value: T;
  readonly path: MatchPlan["path"];
  readonly condition: Condition | undefined;
  readonly rank: Rank;
}

/** What decides between matches whose host and path are equally specific. */
interface Rank {
  /** A prefix with a slash at its end, which matches the same and is one character longer. */
  slash: boolean;
  hasMethod: boolean;
  headers: number;
  query: number;
  /** Milliseconds since 1970; routes without a date are younger than all others. */
  created: number;
  route: string;
  /** Position of rule and match in the route. */
  order: number;
}

export function makeCandidate<T>(route: RoutePlan, match: MatchPlan, order: number, value: T): Candidate<T> {
  const created = route.created === undefined ? Number.POSITIVE_INFINITY : Date.parse(route.created);
  return {
    value,
    path: match.path,
    condition: compileCondition(match),
    rank: {
      slash: match.path.type === "PathPrefix" && match.path.value.endsWith("/"),
      hasMethod: match.method !== undefined,
      headers: new Set(match.headers.map(({ name }) => name.toLowerCase())).size,
      query: new Set(match.query.map(({ name }) => name)).size,
      created: Number.isNaN(created) ? Number.POSITIVE_INFINITY : created,
      route: route.id,
      order,
    },
  };
}

/**
 * The Gateway API's order where the paths tie (HTTPRouteRule, `matches`): most characters of the prefix, method, most headers, most query
 * parameters, oldest route, alphabetical order, first in the route.
 */
export function byPrecedence({ rank: a }: Candidate<unknown>, { rank: b }: Candidate<unknown>): number {
  return (
    Number(b.slash) - Number(a.slash) ||
    Number(b.hasMethod) - Number(a.hasMethod) ||
    b.headers - a.headers ||
    b.query - a.query ||
    compare(a.created, b.created) ||
    compare(a.route, b.route) ||
    a.order - b.order
  );
}

function compare<V extends number | string>(a: V, b: V): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
