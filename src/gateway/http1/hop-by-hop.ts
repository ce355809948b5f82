import type { RawHeaders } from "../../foundation/http/index.ts";

/** Headers that end at the next hop (RFC 9110, section 7.6.1), in lower case. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);
/** By length, which sorts nearly all other names out. */
const lengths: boolean[] = [];
for (const { length } of hopByHop) lengths[length] = true;

/** `name` belongs to one connection and not to the message. */
export function isHopByHop(name: string): boolean {
  return lengths[name.length] === true && hopByHop.has(name.toLowerCase());
}

/**
 * `name` has no place behind a body: it belongs to one connection, or says how a message is framed or routed (RFC 9110,
 * section 6.5.1). Node ends a whole thread that would send one of the first kind by HTTP/2.
 */
export function isNoTrailer(name: string): boolean {
  return name.startsWith(":") || isHopByHop(name) || /^(?:content-length|host|trailer)$/i.test(name);
}

/** Names in lower case that `Connection` lists besides its own words. Undefined where there are none, as nearly always. */
export function listedByConnection(headers: RawHeaders): Set<string> | undefined {
  let listed: Set<string> | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name.length !== 10 || name.toLowerCase() !== "connection") continue;
    const value = (headers[index + 1] as string).toLowerCase();
    if (value === "close" || value === "keep-alive") continue;
    for (const token of value.split(",")) {
      const word = token.trim();
      if (word !== "" && word !== "close" && word !== "keep-alive") (listed ??= new Set()).add(word);
    }
  }
  return listed;
}

/** The headers of a backend's response that go on to the client, in their order and case; the same array where all do. */
export function withoutHopByHop(headers: RawHeaders): RawHeaders {
  let first = 0;
  while (first < headers.length && !isHopByHop(headers[first] as string)) first += 2;
  if (first >= headers.length) return headers;
  const listed = listedByConnection(headers);
  const kept: RawHeaders = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (isHopByHop(name) || listed?.has(name.toLowerCase()) === true) continue;
    kept.push(name, headers[index + 1] as string);
  }
  return kept;
}
