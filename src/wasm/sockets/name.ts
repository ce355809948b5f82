import { isIP, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { SocketError } from "./failure.ts";
import { fromGroups, groupsOf } from "./endpoint.ts";

/** The address that a text is, with or without brackets; undefined: it is none. */
export function literalOf(text: string): string | undefined {
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  if (inner !== undefined) return isPlain6(inner) ? fromGroups(groupsOf(inner)) : undefined;
  if (isPlain6(text)) return fromGroups(groupsOf(text));
  if (isIP(text) === 4) return text;
  // Other ways to write an IPv4 address mean what browsers make of them.
  const host = /^[0-9a-fx.]+$/i.test(text) ? domainToASCII(text) : "";
  return isIP(host) === 4 ? host : undefined;
}

function isPlain6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

/** A name as resolvers take it: in lower case, ASCII. Throws `invalid-argument`. */
export function resolvable(text: string): string {
  // What would end a host in a URL is no part of a name.
  const name = /[\s/\\?#@:%[\]<>|^]/.test(text) ? "" : domainToASCII(text);
  if (name === "" || name.length > 254) throw new SocketError("invalid-argument", "no name of a host");
  return name.toLowerCase();
}
