const longestName = 253;

/** The name in an authority: without port, in lower case, without the dot that may end a full name. */
export function hostOf(authority: string): string {
  // One request after the other asks for the same.
  if (authority !== lastAuthority) {
    lastHost = readHost(authority);
    lastAuthority = authority;
  }
  return lastHost;
}

let lastAuthority: string | undefined;
let lastHost = "";

function readHost(authority: string): string {
  const colon = authority.lastIndexOf(":");
  // In `[::1]` the last colon is the address's own.
  let host = colon === -1 || authority.endsWith("]") ? authority : authority.slice(0, colon);
  if (host.endsWith(".")) host = host.slice(0, -1);
  return host.toLowerCase();
}

/** Things by hostname: exact names, `*.suffix` for one label or more before the suffix, and every host. */
export class HostTable<V> {
  readonly #exact = new Map<string, V>();
  /** By suffix with its leading dot. */
  readonly #wildcard = new Map<string, V>();
  #every: V | undefined;

  /** @param hostname undefined: every host. */
  getOrAdd(hostname: string | undefined, make: () => V): V {
    if (hostname === undefined) return (this.#every ??= make());
    const name = hostname.toLowerCase();
    const map = name.startsWith("*.") ? this.#wildcard : this.#exact;
    const key = name.startsWith("*.") ? name.slice(1) : name;
    let value = map.get(key);
    if (value === undefined) map.set(key, (value = make()));
    return value;
  }

  values(): V[] {
    return [...this.#exact.values(), ...this.#wildcard.values(), ...(this.#every === undefined ? [] : [this.#every])];
  }

  /** What `visit` first answers, called from the most specific hostname to the least. */
  find<R>(host: string, visit: (value: V) => R | undefined): R | undefined {
    const exact = this.#exact.size === 0 ? undefined : this.#exact.get(host);
    if (exact !== undefined) {
      const found = visit(exact);
      if (found !== undefined) return found;
    }
    if (this.#wildcard.size > 0 && host.length <= longestName) {
      for (let dot = host.indexOf(".", 1); dot !== -1; dot = host.indexOf(".", dot + 1)) {
        const value = this.#wildcard.get(host.slice(dot));
        const found = value === undefined ? undefined : visit(value);
        if (found !== undefined) return found;
      }
    }
    return this.#every === undefined ? undefined : visit(this.#every);
  }
}
