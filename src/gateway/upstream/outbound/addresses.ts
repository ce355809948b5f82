import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Where a name may not lead: this machine, its link, and what clouds answer about the machine. */
const refused = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  refused.addSubnet(network, prefix, "ipv4");
}
// Alibaba's metadata service lives in the range for carriers.
refused.addAddress("100.100.100.200", "ipv4");
for (const [network, prefix] of [
  ["::", 127],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  refused.addSubnet(network, prefix, "ipv6");
}
// Amazon's metadata service.
refused.addAddress("fd00:ec2::254", "ipv6");

/** Prefixes of IPv6 addresses that stand for an IPv4 address in their last 32 bits. */
const embedding = new BlockList();
embedding.addSubnet("::ffff:0:0", 96, "ipv6");
embedding.addSubnet("::", 96, "ipv6");
embedding.addSubnet("64:ff9b::", 96, "ipv6");

/** An address that a resolved name must not have; private networks are allowed, since sites live in them. */
export function isRefusedAddress(address: string): boolean {
  if (isIPv4(address)) return refused.check(address, "ipv4");
  if (!isIPv6(address)) return true;
  const plain = address.replace(/%.*$/, "");
  if (refused.check(plain, "ipv6")) return true;
  // 6to4 carries an IPv4 address too, in another place; nobody needs it any more.
  if (plain.toLowerCase().startsWith("2002:")) return true;
  return embedding.check(plain, "ipv6") && refused.check(lastFour(plain), "ipv4");
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
