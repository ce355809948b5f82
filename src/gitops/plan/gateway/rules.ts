import { createHash } from "node:crypto";
import type { HTTPRoute, HTTPRouteMatch, HTTPRouteRule, Route } from "../../../model/kinds/types.ts";
import type { MatchPlan, RetryPlan, RulePlan, SessionPlan, ValueMatch } from "../../../model/plan/index.ts";
import { parseDuration } from "../../../model/value/index.ts";
import { idOf } from "../inventory.ts";
import { planBackend } from "./backends.ts";
import type { JudgedRule } from "./conditions.ts";
import type { RouteContext } from "./context.ts";
import { planFilters } from "./filters.ts";
import { headerText } from "./on-the-wire.ts";
import { invalidPattern } from "./patterns.ts";
import { unknownField } from "./unknown-field.ts";

/** One rule with the defaults of the Gateway API filled in. */
export function planRule(rule: HTTPRouteRule, index: number, route: HTTPRoute, context: RouteContext): JudgedRule {
  const timeouts = {
    ...milliseconds("request", rule.timeouts?.request),
    ...milliseconds("backendRequest", rule.timeouts?.backendRequest),
  };
  const own = { timeouts, ...(rule.retry ? { retry: planRetry(rule.retry) } : {}) };
  return planAnyRule(rule, orAll(rule.matches).map(planMatch), own, index, route, context);
}

/** A rule of whatever kind of route. @param own what only its kind has. */
export function planAnyRule(
  rule: Pick<HTTPRouteRule, "name" | "filters" | "backendRefs" | "sessionPersistence">,
  matches: MatchPlan[],
  own: Pick<RulePlan, "timeouts" | "retry">,
  index: number,
  route: Route,
  context: RouteContext,
): JudgedRule {
  const unknown = unknownField(route, index);
  const plan = {
    ...(rule.name === undefined ? {} : { name: rule.name }),
    matches,
    filters: [...(unknown === undefined ? [] : [unknown]), ...planFilters(rule.filters ?? [], route, context)],
    backends: (rule.backendRefs ?? []).map((ref) => planBackend(ref, route, context)),
    ...own,
    ...planSessionOf(rule, index, route),
    ...context.policies.ofRule(route, rule.name),
  };
  return { plan, dropped: invalidPattern(matches) };
}

/** Without any, a rule is for all. */
export function orAll<Match>(matches: readonly Match[] = []): readonly Match[] {
  return matches.length === 0 ? [{} as Match] : matches;
}

/** More tries of one request help nobody. */
const mostAttempts = 100;

function planRetry({ codes = [], attempts = 1, backoff }: NonNullable<HTTPRouteRule["retry"]>): RetryPlan {
  return {
    attempts: Math.min(Math.max(attempts, 0), mostAttempts),
    codes: [...new Set(codes)].toSorted((a, b) => a - b),
    ...milliseconds("backoff", backoff),
  };
}

function planMatch({ path, method, headers = [], queryParams = [] }: HTTPRouteMatch): MatchPlan {
  return {
    path: { type: path?.type ?? "PathPrefix", value: path?.value ?? "/" },
    ...(method === undefined ? {} : { method }),
    headers: planHeaders(headers),
    query: firstOfEachName(queryParams),
  };
}

type NamedValue = { name: string; value: string; type?: ValueMatch["type"] | undefined };

export function planHeaders(headers: readonly NamedValue[]): ValueMatch[] {
  return firstOfEachName(
    headers.map(({ name, value, type = "Exact" }) => {
      return { name: name.toLowerCase(), type, value: type === "Exact" ? headerText(value) : value };
    }),
  );
}

/** Of several conditions on one name only the first counts, says the Gateway API. */
function firstOfEachName(conditions: readonly NamedValue[]): ValueMatch[] {
  const seen = new Set<string>();
  return conditions.flatMap(({ type = "Exact", name, value }) => {
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ type, name, value }];
  });
}

/** `sessionPersistence` of a rule, whatever the kind of its route. */
function planSessionOf(
  { name, sessionPersistence: session }: Pick<HTTPRouteRule, "name" | "sessionPersistence">,
  index: number,
  route: Route,
): { session?: SessionPlan } {
  if (session === undefined) return {};
  const kind = route.kind === "HTTPRoute" ? "" : `${route.kind}/`;
  return { session: planSession(session, `${kind}${idOf(route)}/${name ?? index}`) };
}

function planSession(session: NonNullable<HTTPRouteRule["sessionPersistence"]>, place: string): SessionPlan {
  // A name that is stable for the rule and differs between rules, so that their sessions stay apart.
  const own = session.cookie?.name ?? session.header?.name ?? session.sessionName;
  const name = own ?? `bs-${createHash("sha256").update(place).digest("hex").slice(0, 8)}`;
  return {
    type: session.type ?? "Cookie",
    name,
    ...milliseconds("absoluteTimeout", session.absoluteTimeout),
    ...milliseconds("idleTimeout", session.idleTimeout),
    lifetime: session.cookie?.lifetimeType ?? session.cookieConfig?.lifetimeType ?? "Session",
    ...(session.cookie === undefined ? {} : { path: cookiePath(session.cookie.path) }),
  };
}

/** What cannot be in a cookie's attribute (RFC 6265, section 4.1.1) would be one of its own. */
function cookiePath(path = "/"): string {
  return /^\/[ -:<-~]*$/.test(path) ? path : "/";
}

function milliseconds<Name extends string>(name: Name, duration: string | undefined): { [N in Name]?: number } {
  const value = duration === undefined ? undefined : parseDuration(duration);
  return (value === undefined ? {} : { [name]: value }) as { [N in Name]?: number };
}
