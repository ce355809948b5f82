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
    // Metadata and what else clouds tell machines by addresses that look private: Amazon, Google, Oracle, Akamai, Scaleway, Alibaba.
    ["fd00:ec2::", 32],
    ["fd20:ce::", 32],
    ["fd00:c1::a9fe:a9fe", 128],
    ["fd00:a9fe:a9fe::", 48],
    ["fd00:42::42", 128],
    ["fd00:100::100:200", 128],
    // Tunnels that carry an IPv4 address, 6to4 and Teredo: nobody needs them any more.
    ["2002::", 16],
    ["2001::", 32],
  ]),
];

/** Where a guest does not come unless it is listed. */
const refused = new BlockList();
for (const { address, prefix, family } of special) refused.addSubnet(address, prefix, family);

/** Where the bytes of an IPv4 address stand in an IPv6 address: at its end, or around the byte that is left out (RFC 6052, section 2.2). */
const atEnd = [12, 13, 14, 15] as const;
const around = [
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
] as const;

function networkOf(address: string, prefix: number): BlockList {
  const network = new BlockList();
  network.addSubnet(address, prefix, "ipv6");
  return network;
}

/** Addresses that stand for an IPv4 address: mapped, compatible, translated (RFC 2765), and by NAT64. */
const embedding = networkOf("::ffff:0:0", 96);
embedding.addSubnet("::", 96, "ipv6");
embedding.addSubnet("::ffff:0:0:0", 96, "ipv6");
embedding.addSubnet("64:ff9b::", 96, "ipv6");
/** A translator of one's own (RFC 8215): nobody else knows where it has the address. */
const translating = networkOf("64:ff9b:1::", 48);

/** Whether an address is one that must be listed itself; private networks are not, since sites live in them. */
export function isRefusedAddress(address: string): boolean {
  if (isIPv4(address)) return refused.check(address, "ipv4");
  if (!isIPv6(address)) return true;
  const plain = withoutZone(address);
  if (refused.check(plain, "ipv6")) return true;
  if (embedding.check(plain, "ipv6")) return refused.check(dotted(bytesOf(plain), atEnd), "ipv4");
  return translating.check(plain, "ipv6") && mayMean(bytesOf(plain));
}

/** One of the IPv4 addresses that it may stand for must be listed, or it stands for none: 0.0.0.0/8 is what a place holds where no address is. */
function mayMean(bytes: readonly number[]): boolean {
  const places = [atEnd, ...around].filter(([first]) => bytes[first] !== 0);
  return places.length === 0 || places.some((each) => refused.check(dotted(bytes, each), "ipv4"));
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
  return text.startsWith("::ffff:") && text.includes(".") ? text.slice(text.lastIndexOf(":") + 1) : text;
}

function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

/** The sixteen bytes of an IPv6 address without a zone. */
function bytesOf(address: string): number[] {
  const [, before = address, a, b, c, d] = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  const last = a === undefined ? [] : [a, b, c, d].map(Number);
  const groups = (text: string): number[] =>
    text
      .split(":")
      .filter((group) => group !== "")
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  const [head = "", tail = ""] = before.split("::");
  const [front, back] = [groups(head), [...groups(tail), ...last]];
  return before.includes("::")
    ? [...front, ...Array.from({ length: 16 - front.length - back.length }, () => 0), ...back]
    : [...front, ...back];
}

function dotted(bytes: readonly number[], places: readonly number[]): string {
  return places.map((place) => bytes[place]).join(".");
}
