import { doesNotExist, type Problem } from "../../model/index.ts";

/**
 * Problems without those that only say that a resource does not exist which stands there with an error of its own:
 * who corrects that one is done. `parsing` are the problems of reading.
 */
export function withoutConsequences(problems: readonly Problem[], parsing: readonly Problem[]): Problem[] {
  const refused = new Set(
    parsing.flatMap(({ severity, resource }) => {
      const [kind, namespace, name] = resource?.split("/") ?? [];
      return severity === "error" && name !== undefined ? [doesNotExist(kind!, namespace!, name)] : [];
    }),
  );
  if (refused.size === 0) return [...problems];
  const leadsThere = new Set(problems.filter(({ message }) => refused.has(message)).map(({ resource }) => resource));
  return problems.filter(
    ({ message, code, resource }) =>
      !refused.has(message) && !(code === "route-not-attached" && leadsThere.has(resource)),
  );
}
