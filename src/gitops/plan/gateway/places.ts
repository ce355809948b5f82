import type { ListenerPlan } from "../../../model/plan/index.ts";

/** Two listeners that cannot both be served. */
export interface Conflict {
  reason: "HostnameConflict" | "ProtocolConflict";
  message: string;
}

/**
 * Who listens where. Listeners share an address and port where they speak the same protocol for different hostnames;
 * the first that comes has a place.
 */
export class Places {
  readonly #protocols = new Map<string, ListenerPlan>();
  readonly #hostnames = new Map<string, ListenerPlan>();

  /** Undefined: the place is the listener's. */
  take(plan: ListenerPlan): Conflict | undefined {
    const { id, address, port, hostname = "", protocol } = plan;
    // Ports of UDP are others than those of TCP.
    const place = `${protocol === "UDP" ? "udp " : ""}${address} ${port}`;
    const other = this.#protocols.get(place);
    if (other !== undefined && other.protocol !== protocol) {
      const message = `listener ${id} wants ${protocol} on the address and port where ${other.id} has ${other.protocol}`;
      return { reason: "ProtocolConflict", message };
    }
    const holder = this.#hostnames.get(`${place} ${hostname}`);
    if (holder !== undefined) {
      const message = `listener ${id} wants the address, port and hostname that ${holder.id} has`;
      return { reason: "HostnameConflict", message };
    }
    this.#protocols.set(place, plan);
    this.#hostnames.set(`${place} ${hostname}`, plan);
    return undefined;
  }
}
