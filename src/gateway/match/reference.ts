import type { HttpRequest } from "../../foundation/http/index.ts";
import type { ListenerPlan, MatchPlan, RoutePlan } from "../../model/plan/index.ts";
import { headerValue } from "./conditions.ts";
import { hostOf } from "./hostnames.ts";

/**
 * The Gateway API's rules written down naively, for tests to compare the matcher with: look at every
 * match of every route, keep those that hold, sort by the whole precedence.
 * Answers `route#rule`, or undefined.
 */
export function referenceFind(
  listeners: ListenerPlan[],
  routes: RoutePlan[],
  request: HttpRequest,
): string | undefined {
  const host = hostOf(request.authority);
  const [path = "", query = ""] = split(request.target);
  const listener = listeners
    .filter(({ hostname }) => hostname === undefined || hostHolds(hostname, host))
    .toSorted((a, b) => hostRank(b.hostname) - hostRank(a.hostname))[0];
  if (listener === undefined) return undefined;
  const holding = routes.flatMap((route) =>
    route.attachments
      .filter((attachment) => attachment.listener === listener.id)
      .flatMap(({ hostnames, written = hostnames }) => (written.length === 0 ? [undefined] : written))
      .filter((hostname) => hostname === undefined || hostHolds(hostname, host))
      .flatMap((hostname) =>
        route.rules.flatMap((rule, ruleIndex) =>
          rule.matches
            .filter((match) => matchHolds(match, path, query, request))
            .map((match) => ({ hostname, match, route, ruleIndex })),
        ),
      ),
  );
  const [best] = holding.toSorted(
    (a, b) =>
      hostRank(b.hostname) - hostRank(a.hostname) ||
      pathRank(b.match) - pathRank(a.match) ||
      length(b.match) - length(a.match) ||
      Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
      b.match.headers.length - a.match.headers.length ||
      b.match.query.length - a.match.query.length ||
      (a.route.created ?? "9999").localeCompare(b.route.created ?? "9999") ||
      (a.route.id < b.route.id ? -1 : a.route.id > b.route.id ? 1 : 0) ||
      a.ruleIndex - b.ruleIndex,
  );
  return best === undefined ? undefined : `${best.route.id}#${best.ruleIndex}`;
}

function split(target: string): string[] {
  return target.split(/\?(.*)/s);
}

function hostHolds(pattern: string, host: string): boolean {
  return pattern.startsWith("*.")
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : pattern === host;
}

/** Any exact name before any wildcard, longer before shorter. */
function hostRank(hostname: string | undefined): number {
  if (hostname === undefined) return 0;
  return hostname.length + (hostname.startsWith("*.") ? 0 : 1000);
}

function pathRank({ path }: MatchPlan): number {
  if (path.type === "PathPrefix" && path.value === "/") return 0;
  return { Exact: 4, RegularExpression: 3, PathPrefix: 2, LastSegment: 1 }[path.type];
}

function length({ path }: MatchPlan): number {
  return path.value.length;
}

function matchHolds(match: MatchPlan, path: string, query: string, request: HttpRequest): boolean {
  const parameters = new URLSearchParams(query);
  const one = (type: string, expected: string, value: string | undefined | null): boolean =>
    typeof value === "string" && (type === "Exact" ? value === expected : new RegExp(`^(?:${expected})$`).test(value));
  return (
    pathHolds(match.path, path) &&
    (match.method === undefined || match.method === request.method) &&
    (match.grpc === undefined ||
      (request.method === "POST" &&
        /^application\/grpc([+;].*)?$/i.test(headerValue(request.headers, "content-type") ?? ""))) &&
    match.headers.every(({ type, name, value }) =>
      one(type, value, headerValue(request.headers, name.toLowerCase())),
    ) &&
    match.query.every(({ type, name, value }) => one(type, value, parameters.get(name)))
  );
}

function pathHolds({ type, value }: MatchPlan["path"], path: string): boolean {
  if (type === "Exact") return path === value;
  if (type === "LastSegment")
    return path.split("/").length === 3 && !path.startsWith("//") && path.endsWith(`/${value}`);
  if (type === "RegularExpression") return new RegExp(`^(?:${value})$`).test(path);
  const wanted = value.split("/").filter((segment) => segment !== "");
  const given = path.split("/").slice(1);
  return wanted.every((segment, index) => given[index] === segment);
}
