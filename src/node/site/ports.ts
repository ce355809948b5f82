import { BandstandError } from "../../foundation/errors/index.ts";
import { failureToBind } from "../../foundation/network/index.ts";
import { listenerSubject, type ListenerPlan } from "../../model/plan/index.ts";
import { authority } from "./status.ts";

/** Throws `port-in-use` before anything is started. A port that is taken later is found when it is opened. */
export async function freePorts(listeners: readonly ListenerPlan[]): Promise<void> {
  const seen = new Map(
    listeners.map((listener) => [
      `${listener.protocol === "UDP" ? "udp " : ""}${authority(listener.address, listener.port)}`,
      listener,
    ]),
  );
  // One after the other: 0.0.0.0 and 127.0.0.1 on one port are no conflict for us, but would be for two of these.
  for (const { id, address, port, protocol } of seen.values()) {
    const cause = await failureToBind(address, port, protocol === "UDP" ? "udp" : "tcp");
    if (cause?.code !== "EADDRINUSE") continue;
    throw new BandstandError(
      "port-in-use",
      `${authority(address, port)} of listener ${id} is used by another process`,
      {
        remedy: `Stop that process (ss -ltnp 'sport = :${port}' names it), or change the listener's port.`,
        about: listenerSubject(id),
        cause,
      },
    );
  }
}
