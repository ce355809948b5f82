import type { ListenOptions, Server } from "node:net";
import { BandstandError, type ErrorSubject } from "../../../foundation/errors/index.ts";

/** Why an address could not be bound, and what to do about it. */
export function listenError(
  error: NodeJS.ErrnoException,
  address: string,
  port: number,
  about?: ErrorSubject,
): BandstandError {
  const of = { cause: error, ...(about && { about }) };
  if (error.code === "EADDRINUSE") {
    return new BandstandError("port-in-use", `${address}:${port} is taken by another process`, {
      remedy: `stop what listens there (ss -ltnp 'sport = :${port}' tells), or choose another port (of the Gateway's listener, or of --listen)`,
      ...of,
    });
  }
  if (error.code === "EACCES") {
    return new BandstandError("environment", `${address}:${port} may not be bound by this user`, {
      remedy:
        "Take a port above 1023 (for the Gateway's listener, or in --listen), or allow low ports with sysctl net.ipv4.ip_unprivileged_port_start.",
      ...of,
    });
  }
  return new BandstandError("environment", `${address}:${port} cannot be bound: ${error.message}`, {
    remedy: "Take an address of this machine (in the Gateway's spec.addresses, or in --listen).",
    ...of,
  });
}

/** Binds. Rejects as `listenError` says. */
export function listen(server: Server, options: ListenOptions & { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, options.host, options.port)));
    server.listen(options, resolve);
  });
}
