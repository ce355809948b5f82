import { isIP } from "node:net";
import {
  canonical,
  coversAddress,
  coversName,
  isLocalName,
  isRefusedAddress,
  parseGrant,
  type NetworkGrant,
} from "../../../foundation/network/index.ts";

/** What a request is sent to, in parts. */
export interface Origin {
  scheme: "http" | "https";
  /** A name, or an address without brackets. */
  host: string;
  port: number;
}

const ports = { http: 80, https: 443 };

/**
 * Splits what a request is sent to. Undefined where it is no plain scheme, host and port: also where a URL's parser would
 * make another host of it (`2130706433` is 127.0.0.1), since that would be the one that is connected to.
 */
export function originOf(scheme: Origin["scheme"], authority: string): Origin | undefined {
  const text = authority.toLowerCase();
  if (!/^(?:[-a-z0-9._]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(text)) return undefined;
  const url = URL.parse(`${scheme}://${text}/`);
  if (url === null) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const written = text.replace(/:\d*$/, "").replace(/^\[|\]$/g, "");
  const isSame = isIP(written) === 6 ? canonical(written) === canonical(host) : written === host;
  return isSame ? { scheme, host, port: Number(url.port || ports[scheme]) } : undefined;
}

/** The entries of a component's list; the model let no others through. */
export function grantsOf(list: readonly string[]): NetworkGrant[] {
  return list.map(parseGrant).filter((grant) => grant !== undefined);
}

/** Whether one of the entries that a component lists covers the target. */
export function isGrantedOrigin(grants: readonly NetworkGrant[], { scheme, host, port }: Origin): boolean {
  return grants.some((grant) => {
    if (grant.scheme !== undefined && grant.scheme !== scheme) return false;
    if (grant.port !== undefined && grant.port !== port) return false;
    return isIP(host) === 0 ? coversName(grant, host) : coversAddress(grant, host);
  });
}

/** A host that nobody reaches who did not list it. */
export function isThisMachine(host: string): boolean {
  return isIP(host) === 0 ? isLocalName(host) : isRefusedAddress(host);
}
