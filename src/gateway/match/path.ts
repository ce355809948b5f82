import { Malformed } from "../http1/malformed.ts";

/** How a request's path reads to us, and to a backend that is more lenient than we are. */
export interface PathReading {
  /**
   * The path as received, but for percent-encoded unreserved characters, which every reader may decode
   * (RFC 3986, section 6.2.2.2): `/%61dmin` is `/admin`. Encoded slashes stay encoded.
   */
  path: string;
  /**
   * What a backend may take it for that decodes `%2F` and `%5C`, takes `\` for `/`, drops `;parameters`
   * and merges slashes. Undefined where nobody can disagree. A request for which both readings select
   * different rules is refused: otherwise `/admin%2Fusers` would pass by the rule that guards `/admin`.
   */
  lenient: string | undefined;
  /** After the `?`; undefined without one. */
  query: string | undefined;
}

/** A `?`, or anything that two readers may read otherwise. */
const unusual = /[?%;\\]|\/\/|\/\.{1,2}(?:\/|$)/;
const dotSegment = /\/\.{1,2}(?:\/|$)/;

/**
 * Reads a target in origin form. Throws `Malformed` for what no two readers agree on and nobody needs: dot
 * segments in any disguise (`/../`, `/%2e%2e/`, `/..;/`), broken percent-encoding, an encoded NUL.
 */
export function readPath(target: string): PathReading {
  if (!unusual.test(target)) return { path: target, lenient: undefined, query: undefined };
  const mark = target.indexOf("?");
  const raw = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? undefined : target.slice(mark + 1);
  if (!unusual.test(raw)) return { path: raw, lenient: undefined, query };
  const path = normaliseEncoding(raw);
  const lenient = readLeniently(path);
  if (dotSegment.test(path) || dotSegment.test(lenient)) throw new Malformed("the path has a dot segment");
  return { path, lenient: lenient === path ? undefined : lenient, query };
}

/** Whether nobody reads more out of a part of a path, as `readPath` gives it, than what it says. */
export function isPlain(part: string): boolean {
  return readLeniently(part) === part;
}

/** A path as a reader takes it that decodes slashes and backslashes, drops parameters and merges slashes. */
export function readLeniently(path: string): string {
  return path
    .replace(/%2F|%5C|\\/g, "/")
    .replace(/;[^/]*/g, "")
    .replace(/\/{2,}/g, "/");
}

/** Decodes unreserved characters and writes other percent-encodings in upper case. Throws `Malformed`. */
export function normaliseEncoding(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/%(.{0,2})/g, (_whole, digits: string) => {
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw new Malformed("the path has a broken percent-encoding");
    if (digits === "00") throw new Malformed("the path has an encoded NUL");
    const letter = String.fromCharCode(Number.parseInt(digits, 16));
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : `%${digits.toUpperCase()}`;
  });
}

/** A prefix as it is looked up: without a trailing slash, which the Gateway API ignores. Root is empty. */
export function prefixKey(value: string): string {
  const path = normaliseEncoding(value);
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
