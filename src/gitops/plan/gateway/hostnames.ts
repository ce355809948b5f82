/**
 * Hostnames that a listener and a route have in common, by the Gateway API: the more specific of each pair.
 * Empty: every host. undefined: none, so the route does not attach.
 */
export function intersectHostnames(listener: string | undefined, route: readonly string[]): string[] | undefined {
  if (route.length === 0) return listener === undefined ? [] : [listener];
  if (listener === undefined) return [...route];
  const common = route.map((hostname) => intersect(listener, hostname)).filter((hostname) => hostname !== undefined);
  return common.length === 0 ? undefined : [...new Set(common)];
}

/** Whether some host belongs to both lists; an empty one is every host. */
export function shareHost(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return a.some((one) => b.some((other) => intersect(one, other) !== undefined));
}

function intersect(a: string, b: string): string | undefined {
  if (a === b) return a;
  if (covers(a, b)) return b;
  if (covers(b, a)) return a;
  return undefined;
}

/** Whether wildcard `*.suffix` takes a hostname or a narrower wildcard; `*` stands for one label or more. */
function covers(wildcard: string, hostname: string): boolean {
  if (!wildcard.startsWith("*.")) return false;
  const name = hostname.startsWith("*.") ? hostname.slice(2) : hostname;
  return name.endsWith(wildcard.slice(1));
}
