import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { BandstandError } from "../../foundation/errors/index.ts";
import type { PodmanClient } from "./client.ts";
import { labels } from "./labels.ts";

/** How many subnets are tried. */
const tries = 64;

/** The name of a site's network. */
export function networkName(site: string): string {
  return `bs-${site}`;
}

/**
 * The site's bridge network, made where it is missing. We choose name of the bridge and subnet: Podman chooses the first
 * that is free in one store, and two stores of a machine then choose the same.
 */
export async function ensureNetwork(client: PodmanClient, site: string, store: string): Promise<void> {
  const name = networkName(site);
  const found = await client.call("GET", `networks/${encodeURIComponent(name)}/json`, { accept: [404] });
  if (found.status !== 404) {
    const owner = (found.value as { labels?: Record<string, string> }).labels?.[labels.site];
    if (owner === site) return;
    throw new BandstandError("engine-failed", `a network ${name} exists that is not this site's`, {
      remedy: `Remove it with \`podman network rm ${name}\`, or give the site another name.`,
    });
  }
  const seed = createHash("sha256").update(`${site}\n${store}`).digest();
  let last: unknown;
  for (let attempt = 0; attempt < tries; attempt++) {
    const subnet = subnetOf(seed, attempt);
    if (overlaps(subnet, usedSubnets())) continue;
    try {
      await client.post("networks/create", {
        name,
        driver: "bridge",
        dns_enabled: true,
        network_interface: `bs${seed.toString("hex", 0, 5)}`,
        subnets: [{ subnet }],
        labels: { [labels.site]: site },
        // Sites do not reach each other.
        options: { isolate: "true" },
      });
      return;
    } catch (error) {
      last = error;
      if (!/subnet .* (is )?already used/.test(String(error))) throw error;
    }
  }
  throw new BandstandError("engine-failed", `no free subnet for network ${name}`, {
    remedy:
      "All that were tried in 10.64.0.0/10 are in use here: see `ip route`, and remove networks that nobody needs (`podman network prune`).",
    cause: last,
  });
}

export async function removeNetwork(client: PodmanClient, site: string): Promise<void> {
  await client.call("DELETE", `networks/${encodeURIComponent(networkName(site))}`, {
    query: { force: true },
    accept: [404],
  });
}

/** One of 16,384 subnets of 10.64.0.0/10, each with room for 250 pods; always the same for the same site. */
export function subnetOf(seed: Buffer, attempt: number): string {
  const number = (seed.readUInt16BE(5) + attempt * 97) % 16_384;
  return `10.${64 + (number >> 8)}.${number & 255}.0/24`;
}

/** A range of IPv4 addresses. */
interface Range {
  address: number;
  mask: number;
}

function overlaps(subnet: string, used: readonly Range[]): boolean {
  const own = { address: toNumber(subnet.split("/")[0]!), mask: 0xffffff00 };
  return used.some(({ address, mask }) => {
    const wider = (own.mask & mask) >>> 0;
    return (own.address & wider) >>> 0 === (address & wider) >>> 0;
  });
}

/** What this machine has or routes elsewhere, but for the default route. */
function usedSubnets(): Range[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, address, netmask }) =>
      family === "IPv4" ? [{ address: toNumber(address), mask: toNumber(netmask) }] : [],
    ),
  );
  return [...own, ...routes()];
}

function routes(): Range[] {
  let text: string;
  try {
    text = readFileSync("/proc/net/route", "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, address, , , , , , mask] = line.split("\t");
      if (address === undefined || mask === undefined || mask === "00000000") return [];
      return [{ address: swap(address), mask: swap(mask) }];
    });
}

/** The kernel writes addresses as they stand in memory. */
function swap(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function toNumber(address: string): number {
  return Buffer.from(address.split(".").map(Number)).readUInt32BE();
}
