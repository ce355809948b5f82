import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { BandstandError, messageOf } from "../../../foundation/errors/index.ts";
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
}

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
  /** For clients that ask for no name. */
  readonly fallback: SecureContext | undefined;

  /** Throws `site-invalid` for what OpenSSL does not take. */
  constructor(listeners: NamedCertificates[], ticketKeys: Buffer) {
    let fallback: SecureContext | undefined;
    for (const { hostname, pairs } of listeners) {
      const usable = pairs.map((pair) => load(pair, ticketKeys));
      this.#listeners.getOrAdd(hostname, () => []).push(...usable);
      if (fallback === undefined || hostname === undefined) fallback = usable[0]?.context ?? fallback;
    }
    this.fallback = fallback;
  }

  /** Undefined: no listener has this name. */
  find(name: string): SecureContext | undefined {
    const usable = this.#listeners.find(name.toLowerCase(), (all) => all);
    const fitting = usable?.find(({ certificate }) => certificate.checkHost(name) !== undefined);
    return (fitting ?? usable?.[0])?.context;
  }
}

function load({ certificate, key }: KeyPair, ticketKeys: Buffer): Usable {
  try {
    const cert = Buffer.from(certificate);
    const context = createSecureContext({ cert, key: Buffer.from(key), minVersion: "TLSv1.2", ticketKeys });
    return { context, certificate: new X509Certificate(cert) };
  } catch (error) {
    throw new BandstandError("site-invalid", `a listener's certificate cannot be used: ${messageOf(error)}`, {
      remedy: "Correct tls.crt and tls.key of the Secret that the listener names.",
      cause: error,
    });
  }
}
