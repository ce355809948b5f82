import { BlockList, isIP } from "node:net";
import { randomFillSync } from "node:crypto";
import type { HttpRequest, RawHeaders } from "../../foundation/http/index.ts";
import { plainAddress } from "../../foundation/network/index.ts";
import type { ClientsPlan } from "../../model/plan/index.ts";
import { isAuthority } from "../listener/http1/head.ts";

/** What requests are told about where they come from, and by whom. */
export interface ClientRules {
  /** A proxy whose words count. */
  believes(address: string): boolean;
  /** Our name in Via. */
  via: string | undefined;
  createTraces: boolean;
}

export function compileClients({ trustedProxies, via, createTraces }: ClientsPlan): ClientRules {
  return { believes: trusting(trustedProxies), via, createTraces };
}

/** Whether an address is in one of these networks (`10.0.0.0/8`) or is one of these addresses. */
export function trusting(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of networks) {
    const [address = "", prefix] = text.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return (address) => {
    const plain = address.replace(/%.*$/, "");
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

/** Where a believed proxy says that a request comes from. */
export interface Origin {
  /** The client: the last address on the way that is no proxy of ours. */
  client: string;
  headers: RawHeaders;
}

/** What a believed proxy told of a request's way, and our part of it (RFC 7239). */
export function originOf(request: HttpRequest, peer: string, { believes }: ClientRules): Origin {
  const { headers, authority, scheme } = request;
  const told = new Map<string, string>();
  const others: RawHeaders = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const value = headers[index + 1] as string;
    if (listed.has(name)) told.set(name, told.has(name) ? `${told.get(name)}, ${value}` : value);
    else if (name === "x-real-ip" || name.startsWith("x-forwarded-")) others.push(name, value);
  }
  const way = told.get("x-forwarded-for") ?? "";
  const proto = told.get("x-forwarded-proto")?.toLowerCase() ?? "";
  const host = told.get("x-forwarded-host") ?? "";
  const forwarded = told.get("forwarded");
  const node = peer.includes(":") ? `"[${peer}]"` : peer;
  others.push("x-forwarded-for", way === "" ? peer : `${way}, ${peer}`);
  others.push("x-forwarded-proto", proto === "http" || proto === "https" ? proto : scheme);
  others.push("x-forwarded-host", isAuthority(host) ? host : authority);
  if (forwarded !== undefined)
    others.push("forwarded", `${forwarded}, for=${node};host="${authority}";proto=${scheme}`);
  return { client: clientIn(way, peer, believes), headers: others };
}

const listed = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]);

/** From the nearest on: who is believed tells of the one before. */
function clientIn(way: string, peer: string, believes: ClientRules["believes"]): string {
  let client = peer;
  for (const text of way.split(",").toReversed()) {
    const address = text.trim();
    if (isIP(address) === 0 || !believes(client)) break;
    client = plainAddress(address);
  }
  return client;
}

/** `version-format` 00 of W3C Trace Context, with neither id all zeros. */
const traceForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const random = Buffer.alloc(4800);
let used = random.length;

/** The headers with a trace context: the one that came, or a new one where there is none that can be read. */
export function withTrace(headers: RawHeaders): RawHeaders {
  for (let index = 0; index < headers.length; index += 2) {
    if ((headers[index] as string).toLowerCase() !== "traceparent") continue;
    if (traceForm.test(headers[index + 1] as string)) return headers;
  }
  const rest = headers.filter((_text, index) => {
    const name = (headers[index - (index % 2)] as string).toLowerCase();
    return name !== "traceparent" && name !== "tracestate";
  });
  if (used + 24 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  const trace = random.toString("hex", used, used + 16);
  const parent = random.toString("hex", used + 16, used + 24);
  used += 24;
  return [...rest, "traceparent", `00-${trace}-${parent}-00`];
}
