import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { BandstandError } from "../errors/index.ts";
import { isRefusedAddress } from "./addresses.ts";

/** What resolves names. */
export type Resolve = (host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** The system's way, `/etc/hosts` and all. */
export const systemResolve: Resolve = (host, done) => systemLookup(host, { all: true }, done);

/**
 * Resolves a name and keeps the addresses that a guest may reach. What is checked is what is connected to: a name
 * cannot answer once for the check and differently for the connection. Only `localhost` may lead to this
 * machine; it gets here only where it was listed by that name.
 */
export function guardedLookup(resolve: Resolve = systemResolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, found) => {
      if (error !== null) return done(error, "");
      const allowed = host === "localhost" ? found : found.filter(({ address }) => !isRefusedAddress(address));
      const [first] = allowed;
      if (first === undefined) {
        const addresses = found.map(({ address }) => address).join(", ");
        const text = `${host} leads to ${addresses || "no address"}: loopback, link-local and metadata addresses must be listed literally`;
        return done(new BandstandError("component-denied", text), "");
      }
      if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}
