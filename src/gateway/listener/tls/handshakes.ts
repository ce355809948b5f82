import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ServerNames } from "./server-names.ts";

/** Milliseconds for a handshake. */
const handshakeTimeout = 10_000;

/**
 * Makes TLS of accepted connections, with the certificates of the moment: a renewed one serves the next handshake and
 * ends no connection. A handshake that fails closes its connection.
 */
export class Handshakes {
  readonly #names: () => ServerNames | undefined;
  /** Never listens: connections are handed to it. */
  readonly #server: Server;
  #fallback: ServerNames | undefined;

  constructor(names: () => ServerNames | undefined, protocols: string[], onSecure: (socket: TLSSocket) => void) {
    this.#names = names;
    this.#server = createServer({
      ALPNProtocols: protocols,
      handshakeTimeout,
      SNICallback: (name, done) => {
        const context = names()?.find(name);
        // The client is told with an alert: a certificate of another name would only move the failure to it.
        if (context === undefined) done(new Error(`no listener has the name ${name}`));
        else done(null, context);
      },
    });
    this.#server.on("secureConnection", onSecure);
    this.#server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  accept(socket: Socket): void {
    const names = this.#names();
    if (names === undefined) return void socket.destroy();
    if (names !== this.#fallback) {
      this.#fallback = names;
      this.#server.setSecureContext(names.fallback);
    }
    this.#server.emit("connection", socket);
  }
}
