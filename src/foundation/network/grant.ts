import { isIPv4, isIPv6 } from "node:net";
import { canonical, contains, isRefusedAddress, isRefusedRange, type Range } from "./addresses.ts";

/** Whom an entry names. */
type Target =
  | { kind: "any" }
  | { kind: "name"; name: string }
  /** Names below it, never itself. */
  | { kind: "below"; name: string }
  | { kind: "address"; address: string }
  | { kind: "range"; range: Range; isSpecial: boolean };

/** One entry of a list of what a guest may reach. */
export interface NetworkGrant {
  /** Requests of this scheme only. */
  scheme: "http" | "https" | undefined;
  target: Target;
  /** Undefined: every port. */
  port: number | undefined;
}

/** What `--net` and `capabilities.http` take, for people. */
export const grantForms = "HOST[:PORT], *.HOST, an address or CIDR, or *";

const labels = /^[a-z0-9_](?:[-a-z0-9_.]*[a-z0-9_])?$/;

/** One entry: `[http[s]://]HOST[:PORT]`, where HOST is a name, `*.name`, an address, a network or `*`. Undefined: it is none. */
export function parseGrant(text: string): NetworkGrant | undefined {
  const [, scheme, rest = ""] = /^(?:(https?):\/\/)?(.*)$/.exec(text.trim().toLowerCase()) ?? [];
  const parts = scheme === undefined ? split(rest) : split(rest.replace(/\/$/, ""));
  if (parts === undefined) return undefined;
  const target = targetOf(parts.host, parts.prefix);
  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (target === undefined || (port !== undefined && port > 65_535)) return undefined;
  if (scheme === undefined) return { scheme, target, port };
  return { scheme: scheme as "http", target, port: port ?? defaultPorts[scheme as "http"] };
}

const defaultPorts = { http: 80, https: 443 } as const;

interface Parts {
  host: string;
  prefix: string | undefined;
  port: string | undefined;
}

function split(text: string): Parts | undefined {
  const forms = [
    /^\[(?<host>[0-9a-f:.]+)(?:\/(?<prefix>\d{1,3}))?\](?::(?<port>\d{1,5}))?$/,
    /^\[(?<host>[0-9a-f:.]+)\]\/(?<prefix>\d{1,3})(?::(?<port>\d{1,5}))?$/,
    /^(?<host>[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*)(?:\/(?<prefix>\d{1,3}))?$/,
    /^(?<host>[^:/[\]]+)(?:\/(?<prefix>\d{1,2}))?(?::(?<port>\d{1,5}))?$/,
  ];
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return { host: groups["host"]!, prefix: groups["prefix"], port: groups["port"] };
  }
  return undefined;
}

function targetOf(host: string, prefix: string | undefined): Target | undefined {
  if (isIPv4(host) || isIPv6(host)) {
    if (prefix === undefined) return { kind: "address", address: canonical(host) };
    const range = { address: host, prefix: Number(prefix), family: isIPv4(host) ? "ipv4" : "ipv6" } as const;
    if (range.prefix > (range.family === "ipv4" ? 32 : 128)) return undefined;
    return { kind: "range", range, isSpecial: isRefusedRange(range) };
  }
  if (prefix !== undefined) return undefined;
  if (host === "*") return { kind: "any" };
  const isBelow = host.startsWith("*.");
  const name = isBelow ? host.slice(2) : host;
  // What ends in a number is an address that was written wrongly, or in a way that only some understand.
  if (!labels.test(name) || name.includes("..") || /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name)) return undefined;
  return { kind: isBelow ? "below" : "name", name };
}

/**
 * Whether an entry covers an address. This machine, its link and metadata services are covered only by who names
 * them: by address, by a network that consists of such addresses, or as `localhost`.
 */
export function coversAddress({ target }: NetworkGrant, address: string): boolean {
  switch (target.kind) {
    case "any":
      return !isRefusedAddress(address);
    case "range":
      return (target.isSpecial || !isRefusedAddress(address)) && contains(target.range, address);
    case "address":
      return target.address === canonical(address);
    case "name":
      return target.name === "localhost" && isLocalhost(address);
    case "below":
      return false;
  }
}

/** Whether an entry covers a name; where that leads to is checked when it was resolved. */
export function coversName({ target }: NetworkGrant, name: string): boolean {
  if (target.kind === "name") return target.name === name;
  if (target.kind === "below") return name.endsWith(`.${target.name}`);
  return target.kind === "any" && !isLocalName(name);
}

/** A name that means this machine, whatever a resolver says. RFC 6761. */
export function isLocalName(name: string): boolean {
  return /^(?:.*\.)?localhost\.?$/.test(name);
}

function isLocalhost(address: string): boolean {
  return address === "127.0.0.1" || canonical(address) === "::1";
}
