import { BandstandError } from "../../foundation/errors/index.ts";
import { Party } from "../../foundation/time/shares.ts";
import type { BackendPlan, ExternalAuthPlan, RateLimitPlan, RoutePlan, RulePlan } from "../../model/plan/index.ts";
import type { LoadedComponent } from "../../wasm/runtime.ts";
import { unresolvedBackend, type ChainBackend } from "./backends.ts";
import { compileChoice } from "./choose.ts";
import { TimeLimit, withDeadline } from "./deadline.ts";
import { nameKey, type EntryRules, type NameSet } from "./entry.ts";
import { compileFilters, type FilterParts } from "./filters.ts";
import type { Stage } from "./passage.ts";
import { withRetry } from "./retry.ts";
import { compileSession, cookiePathOf } from "./session.ts";
import { TokenSigner } from "./session-token.ts";

/** A rule of a route, compiled. */
export interface CompiledRule {
  route: string;
  entry: EntryRules;
  /** It answers preflights (CORS), also those for methods that only it takes. */
  preflights: boolean;
  /** Its requests are calls of gRPC, and want such answers. */
  grpc: boolean;
  /** Its part of the thread. */
  party: Party;
  /** How long a request may take, from when it came. */
  limit: TimeLimit | undefined;
  /** Keeps the limit. */
  stage: Stage;
}

/** What a chain needs of the configuration that it is part of. */
export interface ChainParts {
  component(id: string): { loaded: LoadedComponent; identityHeaders: string[] } | undefined;
  /** A backend without filters: `chain` knows none of its kinds. */
  backend(target: BackendPlan["target"], tries: Tries): Pick<ChainBackend, "name" | "stage" | "endpoints">;
  /** Puts limits of requests before a stage. */
  limit(plans: readonly RateLimitPlan[], route: string, next: Stage): Stage;
  /** Secret of the site for session tokens. */
  sessionKey: Uint8Array;
}

/** `again`: one more try where a connection fails. `once`: the route's own retries count, or it is only a copy. */
export type Tries = "again" | "once";

/**
 * Compiles a rule: deadline, limits of requests, filters, choice or session, filters of the backend, backend.
 * @param listenerLimits what the listener allows besides.
 */
export function compileRule(
  route: RoutePlan,
  rule: RulePlan,
  listenerLimits: readonly RateLimitPlan[],
  parts: ChainParts,
): CompiledRule {
  const filterParts: FilterParts = {
    component: (id) => parts.component(id)?.loaded,
    target: (target) => parts.backend(target, "once").stage,
  };
  const backends = rule.backends.map((plan) => compileBackend(plan, rule, parts, filterParts));
  const chosen = compileChosen(route, rule, backends, parts.sessionKey);
  const limits = [...listenerLimits, ...(rule.rateLimits ?? [])];
  // A refusal that no script may read would look like a fault, and a preflight is no request of its own.
  const leading = limits.length === 0 ? 0 : rule.filters.findIndex(({ type }) => type !== "CORS");
  const [before, behind] = leading === -1 ? [rule.filters, []] : split(rule.filters, leading);
  const rest = compileFilters(behind, chosen, filterParts);
  const limited = limits.length === 0 ? rest : parts.limit(limits, route.id, rest);
  const filtered = compileFilters(before, limited, filterParts);
  const { request } = rule.timeouts;
  const late = () => new BandstandError("request-timeout", `route ${route.id} allows ${request} ms for a request`);
  const limit = request ? new TimeLimit(request, late) : undefined;
  return {
    route: route.id,
    entry: { identity: identityHeaders(route, parts), plainNames: hasMiddleware(route) },
    preflights: rule.filters.some(({ type }) => type === "CORS"),
    grpc: route.grpc === true,
    party: new Party(limit?.milliseconds),
    limit,
    stage: limit === undefined ? filtered : (asked, passage) => limit.run(filtered, asked, passage, passage.allowance),
  };
}

function split<T>(list: T[], at: number): [T[], T[]] {
  return [list.slice(0, at), list.slice(at)];
}

function compileBackend(
  { weight, target, filters }: BackendPlan,
  { timeouts: { backendRequest }, retry }: RulePlan,
  parts: ChainParts,
  filterParts: FilterParts,
): ChainBackend {
  const { name, stage, endpoints } = parts.backend(target, retry === undefined ? "again" : "once");
  const late = () => new BandstandError("backend-timeout", `${name} did not answer within ${backendRequest} ms`);
  const bounded = backendRequest ? withDeadline(stage, backendRequest, late) : stage;
  const tried = retry === undefined ? bounded : withRetry(bounded, retry);
  const filtered = compileFilters(filters, tried, filterParts);
  const named: Stage = (request, passage) => {
    passage.backend = name;
    return filtered(request, passage);
  };
  return { name, weight, stage: named, endpoints };
}

function compileChosen(route: RoutePlan, rule: RulePlan, backends: ChainBackend[], sessionKey: Uint8Array): Stage {
  const choose = compileChoice(backends.map((backend) => ({ weight: backend.weight, value: backend })));
  if (choose === undefined) return unresolvedBackend(`route ${route.id} has no backend that takes traffic`);
  if (rule.session !== undefined) {
    return compileSession({
      plan: rule.session,
      // Rules share no sessions (GEP-1619), whatever they are called; a place in the route would not outlive rules before it.
      signer: new TokenSigner(
        sessionKey,
        `${route.id}\0${rule.session.name}\0${rule.name ?? JSON.stringify(rule.matches)}`,
      ),
      cookiePath: rule.session.path ?? cookiePathOf(rule),
      backends,
      choose,
      now: () => Math.floor(Date.now() / 1000),
    });
  }
  const [only, second] = backends;
  if (only !== undefined && second === undefined) return only.stage;
  return (request, passage) => choose().stage(request, passage);
}

function hasMiddleware({ rules }: RoutePlan): boolean {
  return rules.some(({ filters, backends }) =>
    [...filters, ...backends.flatMap((backend) => backend.filters)].some(
      ({ type }) => type === "Component" || type === "ExternalAuth",
    ),
  );
}

/**
 * Of the whole route and not of one rule: a backend that trusts a header behind one rule often stands behind
 * another one too, and nobody outside may set it there.
 */
function identityHeaders(route: RoutePlan, parts: ChainParts): NameSet {
  const names = new Set<string>();
  for (const { filters, backends } of route.rules) {
    for (const filter of [...filters, ...backends.flatMap((backend) => backend.filters)]) {
      if (filter.type === "ExternalAuth") for (const name of givenOnly(filter.auth)) names.add(nameKey(name));
      if (filter.type !== "Component") continue;
      for (const name of parts.component(filter.component)?.identityHeaders ?? []) names.add(nameKey(name));
    }
  }
  return names;
}

/** What only an answer of who authorizes may say; what it is shown of the client may come from outside. */
function givenOnly({ requestHeaders, responseHeaders }: ExternalAuthPlan): string[] {
  return responseHeaders.filter((name) => name !== "authorization" && !requestHeaders.includes(name));
}
