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

/** A handshake of TLS 1.2 in a connection would cost as much as a new one, and ask for another name than it was admitted for. */
const noRenegotiation = constants.SSL_OP_NO_RENEGOTIATION;

/** Of one socket below TLS: what its handshake found out about the client. */
type Handshake = Pick<TLSSocket, "authorized" | "isSessionReused"> & { servername?: string | false | null };

/** A certificate with what OpenSSL makes of it, and anew when the keys of tickets are others: Node seals them with those of the context. */
class Usable {
  readonly certificate: X509Certificate;
  readonly #options: SecureContextOptions;
  #context: SecureContext;
  #keys: Buffer;

  /** Throws what OpenSSL throws. */
  constructor(options: SecureContextOptions, keys: Buffer) {
    this.#options = options;
    this.#keys = keys;
    this.#context = createSecureContext({ ...options, ticketKeys: keys });
    this.certificate = new X509Certificate(options.cert as Buffer);
  }

  with(keys: Buffer): SecureContext {
    if (keys !== this.#keys) {
      this.#keys = keys;
      this.#context = createSecureContext({ ...this.#options, ticketKeys: keys });
    }
    return this.#context;
  }
}

/**
 * Which certificate a client gets by the server name that it asks for (RFC 6066, section 3): one of the most specific
 * listener of that name, as requests are matched to listeners too.
 */
export class ServerNames {
  readonly #listeners = new HostTable<Usable[]>();
  readonly #ticketKeys: () => Buffer;
  #fallback: SecureContextOptions;

  /** Clients are asked for certificates. */
  readonly asksClients: boolean;
  readonly #guards = new HostTable<ClientCertificatesPlan | "open">();
  /** What clients have to show who ask for no name: only where it is the same for every listener. */
  readonly #common: ClientCertificatesPlan | "open" | "unclear";

  /**
   * Throws `site-invalid` for what OpenSSL does not take.
   * @param ticketKeys what tickets of sessions are sealed with at this moment, another buffer with every change.
   */
  constructor(listeners: NamedCertificates[], ticketKeys: () => Buffer) {
    this.#ticketKeys = ticketKeys;
    this.asksClients = listeners.some(({ clients }) => clients !== undefined);
    const optionsFor = (pair: KeyPair, clients: ClientCertificatesPlan | undefined): SecureContextOptions => ({
      ...optionsOf(pair),
      ...(clients && { ca: clients.authorities }),
      // A resumed session shows no certificate, and may have begun at a listener that asks for none.
      secureOptions: noRenegotiation | (this.asksClients ? constants.SSL_OP_NO_TICKET : 0),
    });
    for (const { hostname, pairs, clients } of listeners) {
      const usable = pairs.map((pair) => load(optionsFor(pair, clients), ticketKeys()));
      this.#listeners.getOrAdd(hostname, () => []).push(...usable);
      this.#guards.getOrAdd(hostname, () => clients ?? "open");
    }
    const chosen = listeners.find(({ hostname }) => hostname === undefined) ?? listeners[0];
    const first = chosen?.pairs[0];
    this.#fallback = { ...(first && optionsFor(first, chosen?.clients)), ticketKeys: ticketKeys() };
    const wishes = new Set(listeners.map(({ clients }) => JSON.stringify(clients)));
    this.#common = wishes.size > 1 ? "unclear" : (listeners[0]?.clients ?? "open");
  }

  /** For clients that ask for no name: the listener's for every name, else the first. Other options with every change. */
  get fallback(): SecureContextOptions {
    const ticketKeys = this.#ticketKeys();
    if (this.#fallback.ticketKeys !== ticketKeys) this.#fallback = { ...this.#fallback, ticketKeys };
    return this.#fallback;
  }

  /** Whether a client has shown what the listener wants that it asked for. */
  admits(handshake: Handshake): boolean {
    if (!this.asksClients) return true;
    if (handshake.isSessionReused()) return false;
    const { servername } = handshake;
    const guard = servername ? this.#guards.find(normal(servername), (found) => found) : this.#common;
    if (guard === "open") return true;
    if (guard === undefined || guard === "unclear") return false;
    return handshake.authorized || !guard.required;
  }

  /** Undefined: no listener has this name. */
  find(name: string): SecureContext | undefined {
    const host = normal(name);
    const usable = this.#listeners.find(host, (all) => all);
    const fitting =
      usable !== undefined && usable.length > 1
        ? usable.find(({ certificate }) => certificate.checkHost(host) !== undefined)
        : undefined;
    return (fitting ?? usable?.[0])?.with(this.#ticketKeys());
  }
}

/** The dot behind the last label is none of the name (RFC 6066, section 3), but some send it; a TLSRoute takes it too. */
function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function optionsOf({ certificate, key }: KeyPair): SecureContextOptions {
  return { cert: Buffer.from(certificate), key: Buffer.from(key), minVersion: "TLSv1.2" };
}

function load(options: SecureContextOptions, ticketKeys: Buffer): Usable {
  try {
    return new Usable(options, ticketKeys);
  } catch (error) {
    throw new BandstandError("site-invalid", `a listener's certificate cannot be used: ${messageOf(error)}`, {
      remedy: "Correct tls.crt and tls.key of the Secret that the listener names.",
      cause: error,
    });
  }
}
