import { isIP } from "node:net";

/** An origin as a grant or a request names it, in parts. */
interface Origin {
  scheme: string;
  host: string;
  port: number;
}

const form = /^(https?):\/\/(\*\.)?([^/:[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;
const ports = { http: 80, https: 443 };

/** Splits what a request is sent to. Undefined where it is no plain scheme, name and port. */
export function originOf(scheme: "http" | "https", authority: string): Origin | undefined {
  const parts = form.exec(`${scheme}://${authority.toLowerCase()}`);
  if (parts === null || parts[2] !== undefined) return undefined;
  return { scheme, host: parts[3] as string, port: Number(parts[4] ?? ports[scheme]) };
}

/**
 * Whether one of the origins that a component lists covers the target. `https://*.example.com` covers names
 * below example.com, never the name itself nor an address.
 */
export function isGrantedOrigin(grants: readonly string[], target: Origin): boolean {
  return grants.some((grant) => {
    const parts = form.exec(grant.toLowerCase());
    if (parts === null) return false;
    const [, scheme, wildcard, host = "", port] = parts;
    if (scheme !== target.scheme || Number(port ?? ports[scheme as "http"]) !== target.port) return false;
    if (wildcard === undefined) return host === target.host;
    return isIP(target.host) === 0 && target.host.endsWith(`.${host}`);
  });
}
