import { isIP } from "node:net";
import type { Gateway } from "../../../model/kinds/types.ts";
import { compare } from "../inventory.ts";
import type { Complaint } from "./complaints.ts";

const defaultAddress = "127.0.0.1";

/** IP addresses that a Gateway wants, and what it wants that cannot be bound. */
export function addressesOf(gateway: Gateway, complaints: Complaint[]): { addresses: string[]; unusable: string[] } {
  const wanted = gateway.spec.addresses ?? [];
  const unusable: string[] = [];
  const addresses = wanted.flatMap(({ type = "IPAddress", value = "" }, index) => {
    if (type === "IPAddress" && value === "") return [defaultAddress];
    if (type === "IPAddress" && isIP(value) !== 0) return [value];
    const message = `an address of type ${type} cannot be bound: expected type IPAddress and an IP address, got ${JSON.stringify(value)}`;
    const remedy = "Use an IP address of this machine, or 0.0.0.0 for all.";
    unusable.push(message);
    complaints.push({ path: ["spec", "addresses", index, "value"], code: "not-supported", message, remedy });
    return [];
  });
  if (wanted.length === 0) return { addresses: [defaultAddress], unusable };
  return { addresses: [...new Set(addresses)].toSorted(compare), unusable };
}

/** Of these, what this machine does not have. The rest of the Gateway is served: only what nobody could reach stays closed. */
export function absentOf(
  { spec }: Gateway,
  addresses: string[],
  elsewhere: ReadonlySet<string> | undefined,
  complaints: Complaint[],
): string[] {
  if (elsewhere === undefined || elsewhere.size === 0) return [];
  const absent = addresses.filter((address) => elsewhere.has(address));
  for (const address of absent) {
    const index = spec.addresses?.findIndex(({ value }) => value === address) ?? -1;
    const path = index < 0 ? ["spec"] : ["spec", "addresses", index, "value"];
    const message = `${address} is no address of this machine: nothing is served there`;
    const remedy = "Use an IP address of this machine (ip address lists them), or 0.0.0.0 for all.";
    complaints.push({ path, code: "address-not-usable", message, remedy });
  }
  return absent;
}
