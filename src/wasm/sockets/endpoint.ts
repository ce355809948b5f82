import { isIPv4, SocketAddress } from "node:net";
import { networkInterfaces } from "node:os";
import { SocketError } from "./failure.ts";

export type Family = "ipv4" | "ipv6";

/** An address and a port. */
export interface Endpoint {
  family: Family;
  /** As Node writes it, without a zone. */
  address: string;
  port: number;
  /** The link that a link-local address belongs to; 0: none. */
  scope: number;
}

/** The address that stands for all of this machine. */
export function unspecified(family: Family): Endpoint {
  return { family, address: family === "ipv4" ? "0.0.0.0" : "::", port: 0, scope: 0 };
}

export function sameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}

/** What Node says of a socket's end. */
export function endpointOf(address: string, port: number): Endpoint {
  const [plain = "", zone] = address.split("%");
  const scope = zone === undefined ? 0 : scopeOf(zone);
  return { family: isIPv4(plain) ? "ipv4" : "ipv6", address: plain, port, scope };
}

/** The address for Node, which takes a link by its name. */
export function hostOf({ address, scope }: Endpoint): string {
  if (scope === 0) return address;
  const name = Object.entries(networkInterfaces()).find(([, each]) => each?.some(({ scopeid }) => scopeid === scope));
  return name === undefined ? address : `${address}%${name[0]}`;
}

function scopeOf(zone: string): number {
  const found = networkInterfaces()[zone]?.find(({ scopeid }) => scopeid !== undefined && scopeid !== 0);
  return found?.scopeid ?? 0;
}

/** The eight groups of an IPv6 address. */
export function groupsOf(address: string): number[] {
  const [head = "", tail] = withoutDots(address).split("::");
  const numbers = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const first = numbers(head);
  if (tail === undefined) return first;
  const last = numbers(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** An IPv6 address as it is usually written. */
export function fromGroups(groups: readonly number[]): string {
  const address = groups.map((group) => group.toString(16)).join(":");
  return new SocketAddress({ address, family: "ipv6" }).address;
}

/** `::ffff:1.2.3.4` with its last part as two groups. */
function withoutDots(address: string): string {
  const at = address.lastIndexOf(":") + 1;
  const tail = address.slice(at);
  if (!isIPv4(tail)) return address;
  const [a = 0, b = 0, c = 0, d = 0] = tail.split(".").map(Number);
  return `${address.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** Throws `invalid-argument` for an address of the other family, also one that hides in an IPv6 address. */
export function checkFamily({ family, address }: Endpoint, wanted: Family): void {
  if (family !== wanted) throw new SocketError("invalid-argument", "an address of another family");
  if (family === "ipv4") return;
  const groups = groupsOf(address);
  const isEmbedded = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0 || groups[5] === 0xffff);
  const isPlain = groups.slice(0, 7).every((group) => group === 0) && groups[7]! <= 1;
  if (isEmbedded && !isPlain) throw new SocketError("invalid-argument", "an IPv4 address in an IPv6 address");
}

/** Throws `invalid-argument` for a group of machines. */
export function checkUnicast({ family, address }: Endpoint): void {
  const isGroup =
    family === "ipv4"
      ? Number(address.split(".")[0]) >> 4 === 14 || address === "255.255.255.255"
      : groupsOf(address)[0]! >> 8 === 0xff;
  if (isGroup) throw new SocketError("invalid-argument", "an address of several machines");
}

/** Throws `invalid-argument` for an address, or port, that nothing can be sent to. */
export function checkRemote({ address, port }: Endpoint): void {
  if (address === "0.0.0.0" || address === "::" || port === 0) throw new SocketError("invalid-argument");
}
