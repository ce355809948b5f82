import type { HttpRequest } from "../../foundation/http/index.ts";
import type { ListenerPlan, MatchPlan, RoutePlan, RulePlan } from "../../model/plan/index.ts";
import { Malformed } from "../http1/malformed.ts";
import { makeCandidate } from "./candidate.ts";
import type { Subject } from "./conditions.ts";
import { HostTable, hostOf } from "./hostnames.ts";
import { isPlain, prefixKey, readLeniently, readPath } from "./path.ts";
import { PathIndex } from "./paths.ts";

/** What a request was matched to. */
export interface Found<T> {
  readonly value: T;
  /** The path condition that held; of a prefix it says what `ReplacePrefixMatch` replaces. */
  readonly path: MatchPlan["path"];
}

/**
 * The routes of all listeners on one address and port, compiled. The most specific listener takes the request
 * alone: what its routes do not match is not offered to the next one. Among its routes a more specific
 * hostname comes first, then the rest of the Gateway API's precedence; where a route with a more specific
 * hostname has no rule that matches, routes with a less specific one are asked.
 */
export class Matcher<T> {
  readonly #listeners = new HostTable<HostTable<PathIndex<T>>>();

  /** @param valueOf makes what `find` answers, once for each listener of a rule. */
  constructor(
    listeners: ListenerPlan[],
    routes: RoutePlan[],
    valueOf: (route: RoutePlan, rule: RulePlan, listener: ListenerPlan) => T,
  ) {
    const byId = new Map<string, HostTable<PathIndex<T>>>();
    const plans = new Map<string, ListenerPlan>();
    for (const listener of listeners) {
      plans.set(listener.id, listener);
      byId.set(
        listener.id,
        this.#listeners.getOrAdd(listener.hostname, () => new HostTable()),
      );
    }
    for (const route of routes) {
      const attachments = route.attachments.filter(({ listener }) => byId.has(listener));
      if (attachments.length === 0) continue;
      let order = 0;
      for (const rule of route.rules) {
        const first = order;
        for (const { listener, hostnames, written = hostnames } of attachments) {
          const value = valueOf(route, rule, plans.get(listener) as ListenerPlan);
          order = first;
          for (const match of rule.matches) {
            const candidate = makeCandidate(route, match, order++, value);
            // The listener was found by its own hostname, so the route's need no narrowing to it.
            for (const hostname of written.length === 0 ? [undefined] : new Set(written)) {
              byId
                .get(listener)
                ?.getOrAdd(hostname, () => new PathIndex())
                .add(candidate);
            }
          }
        }
      }
    }
    for (const table of byId.values()) for (const index of table.values()) index.seal();
  }

  /**
   * Whether a request's Host belongs to another listener than the name its TLS handshake asked for: then its
   * certificate, and whatever else a listener asks of clients, was the wrong one's (421). A Host that no listener has is
   * nobody's, and no route's either (404).
   */
  misdirected(authority: string, servername: string): boolean {
    const of = (host: string) => this.#listeners.find(host, (table) => table);
    const wanted = of(hostOf(authority));
    return wanted !== undefined && wanted !== of(hostOf(servername));
  }

  /**
   * The rule for a request. Undefined: none matches (404).
   * Throws `Malformed` (400) for a path that a backend could read as one of another rule.
   */
  find(request: HttpRequest): Found<T> | undefined {
    const { path, lenient, query } = readPath(request.target);
    const subject: Subject = { request, query, parameters: undefined };
    const host = hostOf(request.authority);
    const routes = this.#listeners.find(host, (table) => table);
    if (routes === undefined) return undefined;
    const found = routes.find(host, (index) => index.find(path, subject));
    if (lenient !== undefined) {
      const other = routes.find(host, (index) => index.find(lenient, subject));
      const isOne = other?.value === found?.value || (found !== undefined && isMeant(path, found, lenient, other));
      if (!isOne) throw new Malformed("the path could be read as one of another rule");
    }
    return found;
  }
}

/**
 * Whether what could be read otherwise is only what the rule that was found spells itself, and the rule of the other reading says no more
 * of the path than that: `/v;a=1` is meant beside `/v`, but `/v;a=1/admin` must not pass by what guards `/v/admin`.
 */
function isMeant(path: string, { path: own }: Found<unknown>, lenient: string, other?: Found<unknown>): boolean {
  const spelt = reach(own, path);
  if (!isPlain(path.slice(spelt))) return false;
  return other === undefined || reach(other.path, lenient) <= readLeniently(path.slice(0, spelt)).length;
}

/** How much of a path that it takes a match speaks of. Of patterns nobody knows: all of it. */
function reach({ type, value }: MatchPlan["path"], path: string): number {
  return type === "PathPrefix" ? prefixKey(value).length : path.length;
}
