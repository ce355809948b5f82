import { setTimeout as pause } from "node:timers/promises";
import { failureToBind, isSharedWithOthers } from "../../foundation/network/index.ts";
import { listenerSubject, type GatewayPlan, type ListenerPlan } from "../../model/plan/index.ts";
import { listenError } from "../listener/http1/listen-error.ts";
import { holdPort, type HeldPort } from "./held-port.ts";

/**
 * Gives listeners with port 0 a real one, the same over reloads, and makes sure that new ports are free. One that was
 * picked is held until the workers have opened it: building a plan takes long enough for another process to get it.
 * Order: `resolve` → `makeWay` → `confirm` → `opened`, or `release` where it came to nothing.
 */
export class Ports {
  readonly #shared: boolean;
  /** Ports that were picked for listeners that are open. */
  #picked = new Map<string, number>();
  /** Of the plan that is to be opened. */
  readonly #held = new Map<string, HeldPort>();
  #open = new Set<string>();
  /** Another process opened a port in the same moment. */
  #contested = false;

  /** @param shared whether sockets may share a port here. */
  constructor(shared: boolean) {
    this.#shared = shared;
  }

  /** The plan with real ports. Throws `port-in-use` or `environment` where one cannot be had, and holds none then. */
  async resolve(plan: GatewayPlan): Promise<GatewayPlan> {
    // Both gave way: whoever is back first has it.
    if (this.#contested) await pause(20 + Math.random() * 300);
    this.#contested = false;
    try {
      const listeners: ListenerPlan[] = [];
      for (const listener of plan.listeners) listeners.push(await this.#resolve(listener));
      const seen = new Set(this.#open);
      for (const [index, listener] of listeners.entries()) {
        const place = placeOf(listener);
        if (seen.has(place)) continue;
        seen.add(place);
        if (plan.listeners[index]!.port !== 0) await probe(listener);
      }
      return { ...plan, listeners };
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** The workers open the ports next: where they cannot stand beside who holds one, nobody does from now on. */
  async makeWay(): Promise<void> {
    if (!this.#shared) await this.#letGo();
  }

  /**
   * Makes sure, once the workers have opened the ports, that no process did so in the same moment: the kernel would share
   * them. Who comes later finds ours. Throws `port-in-use`.
   */
  async confirm(plan: GatewayPlan): Promise<void> {
    if (!this.#shared) return;
    for (const listener of plan.listeners) {
      if (this.#open.has(placeOf(listener)) || this.#held.has(keyOf(listener))) continue;
      const { id, address, port } = listener;
      if (!(await isSharedWithOthers(address, port, transportOf(listener)))) continue;
      this.#contested = true;
      throw listenError(Object.assign(new Error("shared"), { code: "EADDRINUSE" }), address, port, listenerSubject(id));
    }
  }

  /** These are bound by our own workers from now on. */
  async opened(plan: GatewayPlan): Promise<void> {
    this.#open = new Set(plan.listeners.map(placeOf));
    const picked = new Map([...this.#picked, ...[...this.#held].map(([key, { port }]) => [key, port] as const)]);
    const kept = plan.listeners.filter((listener) => picked.get(keyOf(listener)) === listener.port);
    this.#picked = new Map(kept.map((listener) => [keyOf(listener), listener.port]));
    await this.release();
  }

  /** Holds nothing any more. Answers whether another try may go well: other ports are picked, or who was in the way gave way. */
  async release(): Promise<boolean> {
    const again = this.#held.size > 0 || this.#contested;
    await this.#letGo();
    this.#held.clear();
    return again;
  }

  async #letGo(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => held.release()));
  }

  async #resolve(listener: ListenerPlan): Promise<ListenerPlan> {
    if (listener.port !== 0) return listener;
    const key = keyOf(listener);
    const before = this.#picked.get(key) ?? this.#held.get(key)?.port;
    if (before !== undefined) return { ...listener, port: before };
    const held = await holdPort(listener.address, transportOf(listener), this.#shared);
    this.#held.set(key, held);
    return { ...listener, port: held.port };
  }
}

/**
 * Finds out whether a port is free: with SO_REUSEPORT, as the workers bind, two processes could share one port
 * unseen. Throws `port-in-use` or `environment` with its remedy.
 */
async function probe(listener: ListenerPlan): Promise<void> {
  const { id, address, port } = listener;
  const failure = await failureToBind(address, port, transportOf(listener));
  if (failure !== undefined) throw listenError(failure, address, port, listenerSubject(id));
}

function transportOf({ protocol }: ListenerPlan): "tcp" | "udp" {
  return protocol === "UDP" ? "udp" : "tcp";
}

/** Whatever it speaks: a listener that turns from HTTP to HTTPS finds its port taken by ourselves. */
function placeOf(listener: ListenerPlan): string {
  return `${transportOf(listener)} ${listener.address}:${listener.port}`;
}

/** Whose port is the same over reloads. */
function keyOf(listener: ListenerPlan): string {
  return `${transportOf(listener)} ${listener.address} ${listener.id}`;
}
