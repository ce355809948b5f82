import type { z } from "zod";
import { parseDuration } from "../value/duration.ts";
import { complain } from "./fields.ts";
import type { HTTPRouteFilter } from "./http-route-filter.ts";
import type { HTTPRouteMatch } from "./http-route-match.ts";

interface Rule {
  matches?: HTTPRouteMatch[] | undefined;
  filters?: HTTPRouteFilter[] | undefined;
  backendRefs?: { filters?: HTTPRouteFilter[] | undefined }[] | undefined;
  timeouts?: { request?: string | undefined; backendRequest?: string | undefined } | undefined;
}

const onlyOnce = new Set(["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite", "CORS"]);

/** The rules of the Gateway API that look at several fields of an HTTPRoute's rule. */
export function checkRule(rule: Rule, context: z.RefinementCtx): void {
  const { filters = [], backendRefs = [], timeouts = {} } = rule;
  checkFilters(filters, ["filters"], rule, context);
  backendRefs.forEach((ref, index) =>
    checkFilters(ref.filters ?? [], ["backendRefs", index, "filters"], rule, context),
  );
  if (backendRefs.length > 0 && filters.some((filter) => filter.type === "RequestRedirect")) {
    complain(context, ["backendRefs"], "no backends: the rule's RequestRedirect filter answers every request");
  }
  const request = parseDuration(timeouts.request ?? "") ?? 0;
  const backendRequest = parseDuration(timeouts.backendRequest ?? "") ?? 0;
  if (request > 0 && backendRequest > request) {
    complain(context, ["timeouts", "backendRequest"], `at most timeouts.request (${timeouts.request})`);
  }
}

function checkFilters(filters: HTTPRouteFilter[], path: PropertyKey[], rule: Rule, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  filters.forEach(({ type, requestRedirect, urlRewrite }, index) => {
    if (seen.has(type) && onlyOnce.has(type)) complain(context, [...path, index, "type"], `only one ${type} filter`);
    seen.add(type);
    const edited = [requestRedirect?.path?.type, urlRewrite?.path?.type];
    if (edited.includes("ReplacePrefixMatch") && !matchesOnePrefix(rule)) {
      const field = type === "URLRewrite" ? "urlRewrite" : "requestRedirect";
      const expected = "a rule whose only match has a path of type PathPrefix: ReplacePrefixMatch replaces that prefix";
      complain(context, [...path, index, field, "path", "type"], expected);
    }
  });
  if (seen.has("RequestRedirect") && seen.has("URLRewrite")) {
    complain(context, path, "either RequestRedirect or URLRewrite, not both");
  }
}

/** A rule without matches has the default one, PathPrefix `/`. */
function matchesOnePrefix({ matches = [] }: Rule): boolean {
  if (matches.length > 1) return false;
  return (matches[0]?.path?.type ?? "PathPrefix") === "PathPrefix";
}
