import { isStream, type HttpResponse } from "../../../foundation/http/index.ts";

/** Headers that have no meaning on a stream (RFC 9113, section 8.2.2); framing is made here. */
const ofConnections = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "content-length",
]);

/** What an upgrade of HTTP/1.1 needs and extended CONNECT does not (RFC 8441, section 5). */
const ofUpgrades = new Set(["sec-websocket-accept"]);

/**
 * A response's head as raw headers of HTTP/2.
 * @param keepsLength the body that does not come had this length (HEAD, 304).
 */
export function streamHeaders(response: HttpResponse, keepsLength: boolean, switched: boolean): string[] {
  const { status, headers, body } = response;
  const all = [":status", String(status)];
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const kept = name === "content-length" ? keepsLength : !ofConnections.has(name);
    if (kept && !(switched && ofUpgrades.has(name))) all.push(name, headers[index + 1] as string);
  }
  if (keepsLength || status === 204 || switched) return all;
  const length = isStream(body) ? body.length : (body?.length ?? 0);
  if (length !== undefined) all.push("content-length", String(length));
  return all;
}
