import type { HttpRequest, RequestContext } from "../../foundation/http/index.ts";
import { isStream } from "../../foundation/http/index.ts";

/** Headers that stand in variables of their own, or that belong to the connection. */
const left = new Set([
  "content-type",
  "content-length",
  "connection",
  "keep-alive",
  // A client would set HTTP_PROXY, which many programs believe ("httpoxy").
  "proxy",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The variables of one request by RFC 3875, section 4.1. The whole path is PATH_INFO, decoded; REQUEST_URI, which RFC
 * 3875 does not know and most servers set, is the target as it came.
 */
export function cgiEnvironment(request: HttpRequest, context: RequestContext): Map<string, string> {
  const { method, target, authority, scheme, headers, body } = request;
  const question = target.indexOf("?");
  const path = question < 0 ? target : target.slice(0, question);
  const [, host = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const found = new Map([
    ["GATEWAY_INTERFACE", "CGI/1.1"],
    ["SERVER_SOFTWARE", "bandstand"],
    ["SERVER_PROTOCOL", "HTTP/1.1"],
    ["SERVER_NAME", host],
    ["SERVER_PORT", port ?? (scheme === "https" ? "443" : "80")],
    ["REQUEST_METHOD", method],
    ["REQUEST_SCHEME", scheme],
    ["REQUEST_URI", target],
    ["SCRIPT_NAME", ""],
    ["PATH_INFO", decoded(path)],
    ["QUERY_STRING", question < 0 ? "" : target.slice(question + 1)],
    ["REMOTE_ADDR", context.remoteAddress],
    ["REMOTE_HOST", context.remoteAddress],
  ]);
  if (scheme === "https") found.set("HTTPS", "on");
  found.set("HTTP_HOST", authority);
  const length = isStream(body) ? body.length : body?.length;
  if (length !== undefined) found.set("CONTENT_LENGTH", String(length));
  for (let i = 0; i < headers.length; i += 2) add(found, headers[i]!.toLowerCase(), headers[i + 1]!);
  return found;
}

function add(found: Map<string, string>, name: string, value: string): void {
  if (name === "content-type") found.set("CONTENT_TYPE", value);
  // A name with an underscore would be taken for the one with a hyphen.
  if (left.has(name) || name === "host" || !/^[a-z0-9-]+$/.test(name)) return;
  const variable = `HTTP_${name.toUpperCase().replaceAll("-", "_")}`;
  const before = found.get(variable);
  found.set(variable, before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`);
}

/** What cannot be decoded, or would end the variable, stays as it is. */
function decoded(path: string): string {
  try {
    const text = decodeURIComponent(path);
    return text.includes("\0") ? path : text;
  } catch {
    return path;
  }
}
