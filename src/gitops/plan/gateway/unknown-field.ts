import { pathText, unknownOfRule } from "../../../model/index.ts";

/**
 * What stands for a rule with a field that nobody here knows, among its filters or for its backends: the field could be what keeps others
 * out, so that without it the rule answers nobody. Undefined: there is none.
 */
export function unknownField(route: object, rule: number) {
  const path = unknownOfRule(route, rule);
  if (path === undefined) return undefined;
  const reason = `${pathText(path)} is no field that is known here`;
  return { type: "Unresolved", reason, condition: "UnsupportedValue" } as const;
}
