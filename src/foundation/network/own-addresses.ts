import { networkInterfaces } from "node:os";
import { failureToBind } from "./bindable.ts";

/** What binding says of an address that no interface here has, or of a family that is switched off. */
const absent = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]);

/** Of these IP addresses, those that nothing can listen on here now. */
export async function absentAddresses(addresses: Iterable<string>): Promise<Set<string>> {
  const own = new Set(Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)));
  const unknown = [...new Set(addresses)].filter((address) => !own.has(address));
  // Interfaces do not list all that can be bound: 127.0.0.2, 0.0.0.0, what the kernel was told to take as its own.
  const found = await Promise.all(unknown.map(async (address) => ((await canBind(address)) ? [] : [address])));
  return new Set(found.flat());
}

/** Any other failure is about a port or this process, and is told by who opens the port. */
async function canBind(host: string): Promise<boolean> {
  return !absent.has((await failureToBind(host, 0))?.code ?? "");
}
