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
  const ask = together(resolve);
  return (host, options, done) => {
    ask(host, (error, found) => {
      if (error !== null) return done(error, "");
      const allowed = found.filter(({ address }) => host === "localhost" || !isRefusedAddress(address));
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

/**
 * Who asks for a name while it is being resolved gets the same answer: the system has two threads for names, which many that connect
 * at a time, or one name that nobody answers for, would keep from all others. What was answered is not kept.
 */
function together(resolve: Resolve): Resolve {
  const asked = new Map<string, Parameters<Resolve>[1][]>();
  return (host, done) => {
    const others = asked.get(host);
    if (others !== undefined) return void others.push(done);
    const all = [done];
    asked.set(host, all);
    const answer: Parameters<Resolve>[1] = (error, found) => {
      asked.delete(host);
      for (const each of all) each(error, found);
    };
    try {
      resolve(host, answer);
    } catch (error) {
      if (!asked.has(host)) throw error;
      // It is no name at all: whoever asks next must not wait for an answer to this.
      answer(error as NodeJS.ErrnoException, []);
    }
  };
}
