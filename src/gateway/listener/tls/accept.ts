import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ServerNames } from "./server-names.ts";

/** Milliseconds for a handshake. */
const handshakeTimeout = 10_000;

/**
 * Makes TLS of an accepted connection; `onSecure` gets it when the handshake is done, by when the certificates may
 * be another configuration's. A failed handshake closes the connection.
 */
export function acceptTls(
  socket: Socket,
  names: () => ServerNames | undefined,
  protocols: string[],
  onSecure: (secure: TLSSocket) => void,
): void {
  const secureContext = names()?.fallback;
  if (secureContext === undefined) return void socket.destroy();
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    ALPNProtocols: protocols,
    // Known to Node, not to its types.
    ...({ handshakeTimeout } as object),
    SNICallback: (name, done) => {
      const context = names()?.find(name);
      // The client is told with an alert: a certificate of another name would only move the failure to it.
      if (context === undefined) done(new Error(`no listener has the name ${name}`));
      else done(null, context);
    },
  });
  const fail = (): void => void secure.destroy();
  secure.on("error", fail);
  secure.on("_tlsError", fail);
  secure.once("secure", () => {
    secure.off("_tlsError", fail);
    onSecure(secure);
  });
}
