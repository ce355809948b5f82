import { RE2JS } from "re2js";
import { messageOf } from "../../../foundation/errors/index.ts";
import type { MatchPlan } from "../../../model/plan/index.ts";

/** Why a text is no regular expression of RE2; undefined where it is one. */
export function mistakeIn(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Why the matches of a rule cannot be compiled: a rule has all of them or is dropped. Undefined: they can. */
export function invalidPattern(matches: readonly MatchPlan[]): string | undefined {
  for (const { path, headers, query } of matches) {
    for (const { type, value } of [path, ...headers, ...query]) {
      const mistake = type === "RegularExpression" ? mistakeIn(value) : undefined;
      if (mistake !== undefined) return `the regular expression ${JSON.stringify(value)} is not RE2's: ${mistake}`;
    }
  }
  return undefined;
}
