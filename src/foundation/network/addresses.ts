import { BlockList, isIPv4, isIPv6, SocketAddress } from "node:net";

/** A network in CIDR notation, in parts. */
export interface Range {
  address: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

function list(family: Range["family"], entries: readonly (readonly [string, number])[]): Range[] {
  return entries.map(([address, prefix]) => ({ address, prefix, family }));
}

/** This machine, its link, groups of machines, and what clouds answer about the machine. */
const special: readonly Range[] = [
  ...list("ipv4", [
    ["0.0.0.0", 8],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["192.0.0.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
    // Alibaba's metadata service lives in the range for carriers, and Azure's among public addresses.
    ["100.100.100.200", 32],
    ["168.63.129.16", 32],
  ]),
  ...list("ipv6", [
    ["::", 127],
    ["fe80::", 10],
    ["fec0::", 10],
    ["ff00::", 8],
    // Amazon's metadata service.
    ["fd00:ec2::254", 128],
  ]),
];

/** Where a guest does not come unless it is listed. */
const refused = new BlockList();
for (const { address, prefix, family } of special) refused.addSubnet(address, prefix, family);

/** Prefixes of IPv6 addresses that stand for an IPv4 address in their last 32 bits. */
const embedding = new BlockList();
embedding.addSubnet("::ffff:0:0", 96, "ipv6");
embedding.addSubnet("::", 96, "ipv6");
embedding.addSubnet("64:ff9b::", 96, "ipv6");

/** Whether an address is one that must be listed itself; private networks are not, since sites live in them. */
export function isRefusedAddress(address: string): boolean {
  if (isIPv4(address)) return refused.check(address, "ipv4");
  if (!isIPv6(address)) return true;
  const plain = withoutZone(address);
  if (refused.check(plain, "ipv6")) return true;
  // 6to4 carries an IPv4 address too, in another place; nobody needs it any more.
  if (plain.toLowerCase().startsWith("2002:")) return true;
  return embedding.check(plain, "ipv6") && refused.check(lastFour(plain), "ipv4");
}

/** Whether all of a range is: who names it, means these addresses. */
export function isRefusedRange({ address, prefix, family }: Range): boolean {
  return special.some((each) => each.family === family && each.prefix <= prefix && contains(each, address));
}

/** Whether an address lies in a range. */
export function contains(range: Range, address: string): boolean {
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  if (family !== range.family) return false;
  const network = new BlockList();
  network.addSubnet(range.address, range.prefix, family);
  return network.check(withoutZone(address), family);
}

/** An address as it is always written: `::1` for `0:0:0:0:0:0:0:1`. */
export function canonical(address: string): string {
  if (isIPv4(address)) return address;
  return new SocketAddress({ address: withoutZone(address), family: "ipv6" }).address;
}

/**
 * Whose address it is, in one form: what is IPv4 in the form of IPv6 (`::ffff:192.0.2.1`), as sockets for both families show it, is
 * IPv4. @param address one that `isIP` knows.
 */
export function plainAddress(address: string): string {
  const text = canonical(address);
  return text.startsWith("::ffff:") && text.includes(".") ? lastFour(text) : text;
}

function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

/** Its last 32 bits in dotted form. */
function lastFour(address: string): string {
  const tail = address.slice(address.lastIndexOf(":") + 1);
  if (isIPv4(tail)) return tail;
  const groups = address.split(":");
  const high = Number.parseInt(groups.at(-2) || "0", 16);
  const low = Number.parseInt(groups.at(-1) || "0", 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
