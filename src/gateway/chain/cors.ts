import { afterwards, type HttpRequest, type RawHeaders } from "../../foundation/http/index.ts";
import type { CorsPlan } from "../../model/plan/index.ts";
import { headerValue } from "../match/index.ts";
import type { Stage } from "./passage.ts";

/** What only the gateway says, once a route has a CORS filter. */
const ours = new Set([
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
]);

/**
 * CORS of the Gateway API: a preflight is answered here, 204 with the permissions or without them; to other answers
 * the permissions are added. Requests without `Origin` are none of its business.
 */
export function compileCors(plan: CorsPlan, next: Stage): Stage {
  const allowed = compileOrigins(plan.origins);
  const common = commonHeaders(plan);
  const forEvery = plan.origins.includes("*") && !plan.credentials;
  // Caches must keep answers to different origins apart, refusals too.
  const vary = forEvery ? [] : ["vary", "Origin"];
  return (request, passage) => {
    const origin = headerValue(request.headers, "origin");
    if (origin === undefined) {
      if (forEvery) return next(request, passage);
      return afterwards(next(request, passage), ({ status, headers, body }) => {
        return { status, headers: [...headers, ...vary], body };
      });
    }
    const allow = forEvery ? "*" : origin;
    const permissions = allowed(origin) ? ["access-control-allow-origin", allow, ...common, ...vary] : vary;
    if (request.method === "OPTIONS" && headerValue(request.headers, "access-control-request-method") !== undefined) {
      const preflight = allowed(origin) ? preflightHeaders(plan, request) : [];
      return { status: 204, headers: [...permissions, ...preflight], body: undefined };
    }
    passage.exchange.errorHeaders = permissions;
    return afterwards(next(request, passage), ({ status, headers, body }) => {
      return { status, headers: [...withoutOurs(headers), ...permissions], body };
    });
  };
}

/** With credentials `*` is a name like any other to a browser, so it is never sent then. */
function commonHeaders({ credentials, expose }: CorsPlan): RawHeaders {
  const headers: RawHeaders = [];
  if (credentials) headers.push("access-control-allow-credentials", "true");
  const names = credentials ? expose.filter((name) => name !== "*") : expose;
  if (names.length > 0) headers.push("access-control-expose-headers", names.join(", "));
  return headers;
}

/** For `*` what was asked for is allowed: unlike `*` itself, that covers `Authorization` and goes with credentials. */
function preflightHeaders({ methods, headers, maxAge }: CorsPlan, request: HttpRequest): RawHeaders {
  const answer: RawHeaders = [];
  const allow = (name: string, list: string[], asked: string): void => {
    const value = list.includes("*") ? headerValue(request.headers, asked) : list.join(", ");
    if (value) answer.push(name, value);
  };
  allow("access-control-allow-methods", methods, "access-control-request-method");
  allow("access-control-allow-headers", headers, "access-control-request-headers");
  answer.push("access-control-max-age", String(maxAge));
  return answer;
}

function withoutOurs(headers: RawHeaders): RawHeaders {
  return headers.filter((_text, index) => !ours.has((headers[index - (index % 2)] as string).toLowerCase()));
}

interface Origin {
  scheme: string;
  host: string;
  port: string;
}

/** A port that is not written is the scheme's own; `null`, the origin of sandboxes and files, only `*` allows. */
function compileOrigins(patterns: string[]): (origin: string) => boolean {
  if (patterns.includes("*")) return () => true;
  const parsed = patterns.map(parseOrigin).filter((origin) => origin !== undefined);
  return (text) => {
    const origin = parseOrigin(text);
    return origin !== undefined && parsed.some((pattern) => covers(pattern, origin));
  };
}

const originForm = /^([a-z][a-z0-9+.-]*):\/\/([^/?#:@[\]]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/;

function parseOrigin(text: string): Origin | undefined {
  const [, scheme = "", host = "", port] = originForm.exec(text.toLowerCase()) ?? [];
  if (scheme === "") return undefined;
  return { scheme, host, port: port ?? (scheme === "https" ? "443" : "80") };
}

/** `*` stands for any number of labels, and alone for every host. */
function covers(pattern: Origin, { scheme, host, port }: Origin): boolean {
  if (pattern.scheme !== scheme || pattern.port !== port) return false;
  if (pattern.host === "*") return true;
  if (!pattern.host.startsWith("*.")) return pattern.host === host;
  const suffix = pattern.host.slice(1);
  return host.length > suffix.length && host.endsWith(suffix);
}
