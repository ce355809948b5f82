import { createHash } from "node:crypto";

/** A DNS label, so that names may serve as host names too. */
const maximum = 63;

/** Gives out names that are unique in the site. */
export type Namer = (parts: readonly string[]) => string;

/**
 * `bs-<site>-<namespace>-<name>[-n]`. Too long ones are cut, ones that are taken are marked, both with a hash of
 * all parts: `a-b` + `c` and `a` + `b-c` would read the same. Same order of calls, same names.
 */
export function newNamer(site: string): Namer {
  const taken = new Set<string>();
  return (parts) => {
    const plain = ["bs", site, ...parts].join("-");
    const name = plain.length <= maximum && !taken.has(plain) ? plain : hashed(plain, [site, ...parts]);
    taken.add(name);
    return name;
  };
}

/** A host name of at most 63 characters. */
export function shortName(name: string): string {
  return name.length <= maximum ? name : hashed(name, [name]);
}

function hashed(plain: string, parts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 8);
  return `${plain.slice(0, maximum - 9).replace(/[-.]+$/, "")}-${hash}`;
}
