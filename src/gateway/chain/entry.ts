import { isStream, type BodyStream, type HttpRequest, type RawHeaders } from "../../foundation/http/index.ts";
import { originOf, withTrace, type ClientRules } from "./clients.ts";
import { isHopByHop, listedByConnection } from "../http1/hop-by-hop.ts";
import { ReadRequest, type Named } from "../http1/read-request.ts";

/** Header names in lower case with `-` for `_`: CGI and WSGI read `X_User` and `X-User` as one. */
export type NameSet = ReadonlySet<string>;

/** How a name is looked up in a `NameSet`: some servers read more than `_` as `-`. */
export function nameKey(name: string): string {
  const lower = name.toLowerCase();
  return isPlain(name) ? lower : lower.replaceAll(/[^a-z0-9]/g, "-");
}

/** A name that no server behind us can take for another one. */
function isPlain(name: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(name);
}

/** What a rule takes of headers from outside. */
export interface EntryRules {
  /** Headers that only middlewares of the route may set. */
  identity: NameSet;
  /**
   * Names with anything but letters, digits and `-` are left out, as nginx does: behind a middleware, what it sets as
   * `X-User` must not be there a second time as `X_User`, whether it told us of that header or not.
   */
  plainNames: boolean;
  /** Undefined: nobody is believed, and there is no Via. */
  clients?: ClientRules | undefined;
}

/** Of the request's exchange. */
interface Entering extends Named {
  remoteAddress: string;
  readonly version?: string;
}

/**
 * Makes an outside request the chain's own: nothing of one connection stays, nobody outside says who they
 * are (identity headers of the route's middlewares), and where they come from is what we saw, not
 * what they claim. `Host` is `request.authority` from here on.
 */
export function enter(request: HttpRequest, exchange: Entering, rules: EntryRules): void {
  const usual = rules.clients === undefined && rules.identity.size === 0;
  if (!usual || !(request instanceof ReadRequest) || !entersAsRead(request, exchange, rules))
    rewrite(request, exchange, rules);
  // Only chunked bodies carry trailers; a backend may merge them into the headers.
  if (isStream(request.body) && request.body.length === undefined) {
    request.body = withTrailers(
      request.body,
      (name) => !isOutsiders(name, rules) && !neverTrailers.has(name.toLowerCase()),
    );
  }
}

function entersAsRead(request: ReadRequest, exchange: Entering, { plainNames }: EntryRules): boolean {
  return (!plainNames || request.read.lines.plainNames) && request.enter(exchange);
}

/** Headers as the chain has them, from those that came. */
function rewrite(request: HttpRequest, exchange: Entering, rules: EntryRules): void {
  const { headers, authority } = request;
  const { remoteAddress } = exchange;
  const { clients } = rules;
  const believed = clients?.believes(remoteAddress) === true;
  const origin = believed ? originOf(request, remoteAddress, clients) : undefined;
  const listed = listedByConnection(headers);
  const kept: RawHeaders = [];
  let identified = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    // The one word of it that a backend of HTTP/2 wants to hear, for trailers (gRPC).
    if (name.length === 2 && name.toLowerCase() === "te" && /\btrailers\b/i.test(headers[index + 1] as string)) {
      kept.push("te", "trailers");
      continue;
    }
    if (isOutsiders(name, rules) || listed?.has(name.toLowerCase()) === true) continue;
    kept.push(name, headers[index + 1] as string);
    if (name.length === 12 && name.toLowerCase() === "x-request-id") identified = true;
  }
  if (origin === undefined) {
    kept.push("x-forwarded-for", remoteAddress, "x-forwarded-proto", request.scheme, "x-forwarded-host", authority);
  } else {
    kept.push(...origin.headers);
    exchange.remoteAddress = origin.client;
  }
  // Where nobody before us named the request, our own name finds it in the logs of all.
  if (!identified) kept.push("x-request-id", exchange.id);
  if (clients !== undefined) passVia(headers, kept, believed, clients.via, exchange.version);
  request.headers = clients?.createTraces === true ? withTrace(kept) : kept;
}

/** Via of a believed proxy goes on, with our part behind it (RFC 9110, section 7.6.3). */
function passVia(headers: RawHeaders, kept: RawHeaders, believed: boolean, ours: string | undefined, version = "1.1") {
  if (believed) {
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (name.length === 3 && name.toLowerCase() === "via") kept.push("via", headers[index + 1] as string);
    }
  }
  if (ours !== undefined) kept.push("via", `${version} ${ours}`);
}

/** Fields that say how a message is framed, routed, read or who sent it come before it or not at all (RFC 9110, section 6.5.1). */
const neverTrailers = new Set([
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "max-forwards",
  "trailer",
]);

/** The length of a name decides nearly all cases without lowering it. */
function isOutsiders(name: string, { identity, plainNames }: EntryRules): boolean {
  if (plainNames && !isPlain(name)) return true;
  if (identity.size > 0 && identity.has(nameKey(name))) return true;
  switch (name.length) {
    case 3:
      return name.toLowerCase() === "via";
    case 4:
      return name.toLowerCase() === "host";
    case 5:
      // Programs behind CGI read it as HTTP_PROXY, and send what they ask of others where it says ("httpoxy").
      return name.toLowerCase() === "proxy";
    case 6:
      return name.toLowerCase() === "expect";
    case 9:
      return nameKey(name) === "forwarded" || nameKey(name) === "x-real-ip";
    default:
      return isHopByHop(name) || (name.length > 12 && isForwarded(name));
  }
}

function isForwarded(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first === 0x78 || first === 0x58) && nameKey(name).startsWith("x-forwarded-");
}

function withTrailers(body: BodyStream, keep: (name: string) => boolean): BodyStream {
  return {
    length: undefined,
    read: () => body.read(),
    cancel: (reason) => body.cancel(reason),
    get trailers() {
      return body.trailers?.filter((_text, index, all) => keep(all[index - (index % 2)] as string));
    },
  };
}
