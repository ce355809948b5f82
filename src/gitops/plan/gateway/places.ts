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
    const { id, address, port, hostname = "" } = plan;
    const place = `${address} ${port}`;
    const otherwise = this.speaksOtherwise(plan);
    if (otherwise !== undefined) return otherwise;
    const holder = this.#hostnames.get(`${place} ${hostname}`);
    if (holder !== undefined) {
      const message = `listener ${id} wants the address, port and hostname that ${holder.id} has`;
      return { reason: "HostnameConflict", message };
    }
    this.#protocols.set(place, plan);
    this.#hostnames.set(`${place} ${hostname}`, plan);
    return undefined;
  }
  /** Whether something of another protocol is there, also for one that is not served itself. */
  speaksOtherwise({ id, address, port, protocol }: Omit<ListenerPlan, "protocol"> & { protocol: string }) {
    const other = this.#protocols.get(`${address} ${port}`);
    if (other === undefined || other.protocol === protocol) return undefined;
    const message = `listener ${id} wants ${protocol} on the address and port where ${other.id} has ${other.protocol}`;
    return { reason: "ProtocolConflict", message } as const;
  }
}
