import { createServer, type AddressInfo } from "node:net";
import { failureToBind } from "../../foundation/network/index.ts";
import { listenerSubject, type GatewayPlan, type ListenerPlan } from "../../model/plan/index.ts";
import { listen, listenError } from "../listener/http1/listen-error.ts";

/**
 * Finds out whether a port is free: with SO_REUSEPORT, as the workers bind, two processes could share one port
 * unseen. Throws `port-in-use` or `environment` with its remedy.
 */
async function probePort({ id, address, port, protocol }: ListenerPlan): Promise<void> {
  const failure = await failureToBind(address, port, protocol === "UDP" ? "udp" : "tcp");
  if (failure !== undefined) throw listenError(failure, address, port, listenerSubject(id));
}

/** A port that the kernel picked. Throws `environment` with its remedy. */
export async function pickPort(address: string): Promise<number> {
  const server = createServer();
  await listen(server, { host: address, port: 0, exclusive: true });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Gives listeners with port 0 a real one, the same over reloads, and makes sure that new ports are free. */
export class Ports {
  /** Ports that the kernel picked, by listener. */
  readonly #picked = new Map<string, number>();
  #open = new Set<string>();

  /** The plan with real ports. Throws where one cannot be had. */
  async resolve(plan: GatewayPlan): Promise<GatewayPlan> {
    const listeners: ListenerPlan[] = [];
    for (const listener of plan.listeners) listeners.push(await this.#resolve(listener));
    const probed = new Set<string>();
    for (const listener of listeners) {
      const key = placeOf(listener);
      if (this.#open.has(key) || probed.has(key)) continue;
      probed.add(key);
      await probePort(listener);
    }
    return { ...plan, listeners };
  }

  /** These are bound by our own workers from now on. */
  opened(plan: GatewayPlan): void {
    this.#open = new Set(plan.listeners.map(placeOf));
  }

  async #resolve(listener: ListenerPlan): Promise<ListenerPlan> {
    if (listener.port !== 0) return listener;
    const port = this.#picked.get(listener.id) ?? (await pickPort(listener.address));
    this.#picked.set(listener.id, port);
    return { ...listener, port };
  }
}

/** Whatever it speaks: a listener that turns from HTTP to HTTPS finds its port taken by ourselves. */
function placeOf({ address, port, protocol }: ListenerPlan): string {
  return `${protocol === "UDP" ? "udp " : ""}${address}:${port}`;
}
