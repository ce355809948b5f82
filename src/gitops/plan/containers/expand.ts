import type { ConfigValue } from "../../../model/plan/index.ts";
import type { TextPart } from "../config/secrets.ts";

/**
 * Expands `$(NAME)` as Kubernetes does in env, command and args: `$$` is a dollar sign, an
 * unknown name or anything else after a dollar sign stays as it is written.
 */
export function expand(text: string, variables: ReadonlyMap<string, ConfigValue>): TextPart[] {
  const parts: TextPart[] = [];
  let plain = "";
  let end = 0;
  for (const match of text.matchAll(/\$(?:\$|\(([^)]*)\))/g)) {
    plain += text.slice(end, match.index);
    end = match.index + match[0].length;
    const value = match[1] === undefined ? { value: "$" } : (variables.get(match[1]) ?? { value: match[0] });
    if ("value" in value) {
      plain += value.value;
    } else {
      if (plain !== "") parts.push(plain);
      parts.push(value.secret);
      plain = "";
    }
  }
  plain += text.slice(end);
  if (plain !== "" || parts.length === 0) parts.push(plain);
  return parts;
}
