import {
  canonical,
  coversAddress,
  coversName,
  isRefusedAddress,
  parseGrant,
  type NetworkGrant,
} from "../../foundation/network/index.ts";
import { unspecified, type Endpoint } from "./endpoint.ts";

/** Addresses that names led to and that stay granted; the oldest go. */
const mostLearned = 4096;

/** What a guest may do on the network, by the entries that it was granted. Those with a scheme are for HTTP only. */
export class Reach {
  readonly #grants: readonly NetworkGrant[];
  /** Addresses of granted names → the ports that they are granted on; undefined: all. */
  readonly #learned = new Map<string, Set<number | undefined>>();

  constructor(entries: readonly string[]) {
    this.#grants = entries.flatMap((entry) => {
      const grant = parseGrant(entry);
      return grant === undefined || grant.scheme !== undefined ? [] : [grant];
    });
  }

  /** It may send there: the address is listed, or a listed name led to it. */
  mayReach({ address, port }: Endpoint): boolean {
    const ports = this.#learned.get(address);
    if (ports !== undefined && (ports.has(undefined) || ports.has(port))) return true;
    return this.#grants.some((grant) => isPort(grant, port) && coversAddress(grant, address));
  }

  /**
   * Others may reach it there. Only an entry that names the address itself, or all of this machine (`0.0.0.0`,
   * `::`), lets a guest listen: names, networks and `*` let it out, never others in.
   */
  mayListen({ family, address, port }: Endpoint): boolean {
    return this.#grants.some((grant) => {
      const { target } = grant;
      if (!isPort(grant, port)) return false;
      if (target.kind === "name") return coversAddress(grant, address);
      return target.kind === "address" && [canonical(address), unspecified(family).address].includes(target.address);
    });
  }

  /** It may have that address for its own. Who asks for any port wants to go out from there; others come in only where it may listen. */
  mayBind(local: Endpoint): boolean {
    const isAnywhere = local.port === 0 && local.address === unspecified(local.family).address;
    return (isAnywhere && this.#grants.length > 0) || this.mayListen(local);
  }

  /** It may ask for the addresses of a name. */
  mayResolve(name: string): boolean {
    return this.#grants.some((grant) => coversName(grant, name));
  }

  /** Of the addresses that a name led to, those that a guest may know; they are granted from now on as the name is. */
  learn(name: string, addresses: readonly string[]): string[] {
    const ports = this.#grants.filter((grant) => grant.target.kind !== "any" && coversName(grant, name));
    return addresses.filter((address) => {
      // Nobody leads a guest to this machine by a name, but for the one that means it.
      const isListed = this.#grants.some(
        (grant) => (grant.target.kind !== "name" || coversName(grant, name)) && coversAddress(grant, address),
      );
      if (isRefusedAddress(address) && !isListed) return false;
      if (!isRefusedAddress(address)) for (const { port } of ports) this.#add(address, port);
      return true;
    });
  }

  #add(address: string, port: number | undefined): void {
    const known = this.#learned.get(address) ?? new Set();
    this.#learned.delete(address);
    this.#learned.set(address, known.add(port));
    const [oldest] = this.#learned.keys();
    if (this.#learned.size > mostLearned) this.#learned.delete(oldest!);
  }
}

function isPort(grant: NetworkGrant, port: number): boolean {
  return grant.port === undefined || grant.port === port;
}
