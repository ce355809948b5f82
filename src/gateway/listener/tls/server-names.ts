import { constants, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
import type { ClientCertificatesPlan } from "../../../model/plan/index.ts";
import { HostTable } from "../../match/hostnames.ts";

/** A certificate with its chain, and its key, both PEM. */
export interface KeyPair {
  certificate: Uint8Array;
  key: Uint8Array;
}

/** The certificates of one listener. */
export interface NamedCertificates {
  /** Exact or `*.suffix`; undefined takes every name. */
  hostname?: string | undefined;
  pairs: KeyPair[];
  /** What clients have to show. */
  clients?: ClientCertificatesPlan | undefined;
}

/** Of one socket below TLS: what its handshake found out about the client. */
type Handshake = Pick<TLSSocket, "authorized" | "isSessionReused"> & { servername?: string | false | null };

interface Usable {
  context: SecureContext;
  certificate: X509Certificate;
}

/**
 * Which certificate a client gets by the server name that it asks for (RFC 6066, section 3): one of the most specific
 * listener of that name, as requests are matched to listeners too.
 */
export class ServerNames {
  readonly #listeners = new HostTable<Usable[]>();
  /** For clients that ask for no name: the listener's for every name, else the first. */
  readonly fallback: SecureContextOptions;

  /** Clients are asked for certificates. */
  readonly asksClients: boolean;
  readonly #guards = new HostTable<ClientCertificatesPlan | "open">();
  /** What clients have to show who ask for no name: only where it is the same for every listener. */
  readonly #common: ClientCertificatesPlan | "open" | "unclear";

  /** Throws `site-invalid` for what OpenSSL does not take. */
  constructor(listeners: NamedCertificates[], ticketKeys: Buffer) {
    this.asksClients = listeners.some(({ clients }) => clients !== undefined);
    const optionsFor = (pair: KeyPair, clients: ClientCertificatesPlan | undefined): SecureContextOptions => ({
      ...optionsOf(pair, ticketKeys),
      ...(clients && { ca: clients.authorities }),
      // A resumed session shows no certificate, and may have begun at a listener that asks for none.
      ...(this.asksClients && { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
    for (const { hostname, pairs, clients } of listeners) {
      const usable = pairs.map((pair) => load(pair, optionsFor(pair, clients)));
      this.#listeners.getOrAdd(hostname, () => []).push(...usable);
      this.#guards.getOrAdd(hostname, () => clients ?? "open");
    }
    const chosen = listeners.find(({ hostname }) => hostname === undefined) ?? listeners[0];
    this.fallback = chosen?.pairs[0] === undefined ? {} : optionsFor(chosen.pairs[0], chosen.clients);
    const wishes = new Set(listeners.map(({ clients }) => JSON.stringify(clients)));
    this.#common = wishes.size > 1 ? "unclear" : (listeners[0]?.clients ?? "open");
  }

  /** Whether a client has shown what the listener wants that it asked for. */
  admits(handshake: Handshake): boolean {
    if (!this.asksClients) return true;
    if (handshake.isSessionReused()) return false;
    const { servername } = handshake;
    const guard = servername ? this.#guards.find(servername.toLowerCase(), (found) => found) : this.#common;
    if (guard === "open") return true;
    if (guard === undefined || guard === "unclear") return false;
    return handshake.authorized || !guard.required;
  }

  /** Undefined: no listener has this name. */
  find(name: string): SecureContext | undefined {
    const usable = this.#listeners.find(name.toLowerCase(), (all) => all);
    if (usable === undefined || usable.length === 1) return usable?.[0]?.context;
    const fitting = usable.find(({ certificate }) => certificate.checkHost(name) !== undefined);
    return (fitting ?? usable[0])?.context;
  }
}

function optionsOf({ certificate, key }: KeyPair, ticketKeys: Buffer): SecureContextOptions {
  return { cert: Buffer.from(certificate), key: Buffer.from(key), minVersion: "TLSv1.2", ticketKeys };
}

function load(pair: KeyPair, options: SecureContextOptions): Usable {
  try {
    const context = createSecureContext(options);
    return { context, certificate: new X509Certificate(pair.certificate) };
  } catch (error) {
    throw new BandstandError("site-invalid", `a listener's certificate cannot be used: ${messageOf(error)}`, {
      remedy: "Correct tls.crt and tls.key of the Secret that the listener names.",
      cause: error,
    });
  }
}
