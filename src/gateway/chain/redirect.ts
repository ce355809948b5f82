import type { HttpRequest } from "../../foundation/http/index.ts";
import type { FilterPlan } from "../../model/plan/index.ts";
import { hostOf } from "../match/index.ts";
import { editPath, splitTarget } from "./edit-path.ts";
import type { Passage, Stage } from "./passage.ts";

export type RedirectPlan = Extract<FilterPlan, { type: "RequestRedirect" }>;

const wellKnown = { http: 80, https: 443 };

/** Compiles a RequestRedirect; it answers, and nothing behind it runs. */
export function compileRedirect(plan: RedirectPlan): Stage {
  return (request, passage) => ({
    status: plan.statusCode,
    headers: ["location", locationOf(plan, request, passage)],
    body: "",
  });
}

/** HTTPRequestRedirectFilter: what is not given stays as the client had it, the query always. */
function locationOf(plan: RedirectPlan, request: HttpRequest, { port: listenerPort, path: matched }: Passage): string {
  const scheme = plan.scheme ?? request.scheme;
  const port = plan.port ?? (plan.scheme === undefined ? listenerPort : wellKnown[plan.scheme]);
  const host = plan.hostname ?? hostOf(request.authority);
  const { path, query } = splitTarget(request.target);
  const target = plan.path === undefined ? path : editPath(plan.path, path, matched);
  return `${scheme}://${host}${port === wellKnown[scheme] ? "" : `:${port}`}${withoutLeadingSlashes(target)}${query}`;
}

/** One slash at the start: with two, a later rewrite of the URL could take a segment for a host. */
function withoutLeadingSlashes(path: string): string {
  return path.startsWith("//") ? path.replace(/^\/+/, "/") : path;
}
