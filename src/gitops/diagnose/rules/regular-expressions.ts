import { RE2JS } from "re2js";
import { messageOf } from "../../../foundation/errors/index.ts";
import type { Path } from "../../../model/index.ts";
import type { Rule } from "../rule.ts";

/** Regular expressions of routes are RE2's: linear in time, without look-around and back references. */
export const regularExpressions: Rule = ({ resources }) =>
  resources.all("HTTPRoute").flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule, index) =>
      (rule.matches ?? []).flatMap((match, number) => {
        const at: Path = ["spec", "rules", index, "matches", number];
        const conditions = [
          { ...match.path, path: [...at, "path", "value"] },
          ...(match.headers ?? []).map((header, position) => ({
            ...header,
            path: [...at, "headers", position, "value"],
          })),
          ...(match.queryParams ?? []).map((query, position) => ({
            ...query,
            path: [...at, "queryParams", position, "value"],
          })),
        ];
        return conditions.flatMap(({ type, value = "/", path }) => {
          const reason = type === "RegularExpression" ? mistakeIn(value) : undefined;
          if (reason === undefined) return [];
          return resources.problem(route, path, {
            severity: "error",
            code: "invalid-value",
            message: `expected a regular expression of RE2, got ${JSON.stringify(value)}: ${reason}`,
            remedy: "RE2 has neither look-around nor back references: https://github.com/google/re2/wiki/Syntax",
          });
        });
      }),
    ),
  );

function mistakeIn(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
