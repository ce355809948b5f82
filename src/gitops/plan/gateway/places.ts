import type { ListenerPlan } from "../../../model/plan/index.ts";

/** Two listeners that cannot both be served. */
export interface Conflict {
  reason: "HostnameConflict" | "ProtocolConflict";
  message: string;
}

type Place = Pick<ListenerPlan, "id" | "address" | "port" | "protocol"> & { hostname?: string };

/**
 * Who listens where. Listeners share an address and port where they speak the same protocol for different hostnames;
 * the first that comes has a place.
 */
export class Places {
  readonly #protocols = new Map<string, ListenerPlan>();
  readonly #hostnames = new Map<string, ListenerPlan>();

  /** Undefined: the place is the listener's. */
  take(plan: ListenerPlan): Conflict | undefined {
    const conflict = this.conflictOf(plan);
    if (conflict !== undefined) return conflict;
    this.#protocols.set(placeOf(plan), plan);
    this.#hostnames.set(`${placeOf(plan)} ${plan.hostname ?? ""}`, plan);
    return undefined;
  }

  /** Why a listener cannot have its place, if others have it. */
  conflictOf(wanted: Place): Conflict | undefined {
    const { id, hostname = "", protocol } = wanted;
    const place = placeOf(wanted);
    const other = this.#protocols.get(place);
    if (other !== undefined && other.protocol !== protocol) {
      const message = `listener ${id} wants ${protocol} on the address and port where ${other.id} has ${other.protocol}`;
      return { reason: "ProtocolConflict", message };
    }
    const holder = this.#hostnames.get(`${place} ${hostname}`);
    if (holder === undefined) return undefined;
    const message = `listener ${id} wants the address, port and hostname that ${holder.id} has`;
    return { reason: "HostnameConflict", message };
  }
}

/** Ports of UDP are others than those of TCP. */
function placeOf({ address, port, protocol }: Pick<Place, "address" | "port" | "protocol">): string {
  return `${protocol === "UDP" ? "udp " : ""}${address} ${port}`;
}
