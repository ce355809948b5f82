import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import type { ServerNames } from "./server-names.ts";

/** Milliseconds for a handshake. */
const handshakeTimeout = 10_000;

/** A fatal alert (RFC 8446, section 6; RFC 6066, section 3), in clear text as nothing is agreed on yet. */
const unrecognizedName = Buffer.of(0x15, 3, 3, 0, 2, 2, 112);

/** A socket of TLS, by which its callback is called: what lies below it has no public name, and may have another one some day. */
interface Below {
  _parent?: Socket | null;
}

/**
 * Makes TLS of accepted connections, with the certificates of the moment: a renewed one serves the next handshake and
 * ends no connection. A handshake that fails closes its connection.
 */
export class Handshakes {
  readonly #names: () => ServerNames | undefined;
  /** Never listen: connections are handed to them. One asks clients for certificates. */
  readonly #servers: Record<"asking" | "plain", Server>;
  #fallback: SecureContextOptions | undefined;

  constructor(names: () => ServerNames | undefined, protocols: string[], secured: (socket: TLSSocket) => void) {
    this.#names = names;
    const SNICallback: TlsOptions["SNICallback"] = function (this: Below | undefined, name, done) {
      const context = names()?.find(name);
      if (context !== undefined) return done(null, context);
      // A certificate of another name would only move the failure to the client. Node would close without a word.
      this?._parent?.write(unrecognizedName);
      done(new Error(`no listener has the name ${name}`));
    };
    const make = (requestCert: boolean): Server => {
      // What a client must show is its listener's to say, which only its name tells.
      const options = {
        ...(protocols.length > 0 && { ALPNProtocols: protocols }),
        handshakeTimeout,
        SNICallback,
        requestCert,
        rejectUnauthorized: false,
      };
      const server = createServer(options);
      server.on("secureConnection", (socket) => {
        // A certificate that fails by its signature leaves an error in OpenSSL's queue, which the next read of the
        // connection would be told of; looking at the certificate clears the queue.
        if (requestCert && !socket.authorized) socket.getPeerX509Certificate();
        socket.allowHalfOpen = true;
        if (names()?.admits(socket) === true) secured(socket);
        else socket.destroy();
      });
      server.on("tlsClientError", (_error, socket) => socket.destroy());
      return server;
    };
    this.#servers = { asking: make(true), plain: make(false) };
  }

  accept(socket: Socket): void {
    const names = this.#names();
    if (names === undefined) return void socket.destroy();
    const { fallback } = names;
    if (fallback !== this.#fallback) {
      this.#fallback = fallback;
      for (const server of Object.values(this.#servers)) server.setSecureContext(fallback);
    }
    // Until its handshake is done, who says no more has left: what TLS makes of it has this from here.
    const { allowHalfOpen } = socket;
    socket.allowHalfOpen = false;
    this.#servers[names.asksClients ? "asking" : "plain"].emit("connection", socket);
    socket.allowHalfOpen = allowHalfOpen;
  }
}
