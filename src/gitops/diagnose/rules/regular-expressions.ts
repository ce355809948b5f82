import type { Path, Route } from "../../../model/index.ts";
import { allRoutes } from "../../plan/gateway/attachments.ts";
import { mistakeIn } from "../../plan/gateway/patterns.ts";
import type { Rule } from "../rule.ts";

/** Regular expressions of routes are RE2's: linear in time, without look-around and back references. A rule with another is dropped. */
export const regularExpressions: Rule = ({ resources, inventory }) =>
  allRoutes(inventory).flatMap((route) =>
    expressionsIn(route).flatMap(({ type, value = "/", path }) => {
      const reason = type === "RegularExpression" ? mistakeIn(value) : undefined;
      if (reason === undefined) return [];
      return resources.problem(route, path, {
        severity: "warning",
        code: "invalid-value",
        message: `expected a regular expression of RE2, got ${JSON.stringify(value)}: ${reason}; the rule is dropped`,
        remedy: "RE2 has neither look-around nor back references: https://github.com/google/re2/wiki/Syntax",
      });
    }),
  );

interface Expression {
  type?: string | undefined;
  value?: string | undefined;
  path: Path;
}

/** What may be regular expressions, with its place. */
function expressionsIn(route: Route): Expression[] {
  const listed = (list: readonly Omit<Expression, "path">[] | undefined, at: Path): Expression[] =>
    (list ?? []).map((each, position) => ({ ...each, path: [...at, position, "value"] }));
  if (route.kind === "HTTPRoute") {
    return eachMatch(route.spec.rules, ({ path, headers, queryParams }, at) => [
      { ...path, path: [...at, "path", "value"] },
      ...listed(headers, [...at, "headers"]),
      ...listed(queryParams, [...at, "queryParams"]),
    ]);
  }
  return eachMatch(route.spec.rules, ({ method = {}, headers }, at) => [
    { type: method.type, value: method.service ?? "", path: [...at, "method", "service"] },
    { type: method.type, value: method.method ?? "", path: [...at, "method", "method"] },
    ...listed(headers, [...at, "headers"]),
  ]);
}

function eachMatch<Match>(
  rules: readonly { matches?: Match[] | undefined }[] | undefined,
  expressions: (match: Match, at: Path) => Expression[],
): Expression[] {
  return (rules ?? []).flatMap(({ matches = [] }, index) =>
    matches.flatMap((match, number) => expressions(match, ["spec", "rules", index, "matches", number])),
  );
}
