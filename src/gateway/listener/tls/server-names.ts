import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
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
  /** For clients that ask for no name: the listener's for every name, else the first. */
  readonly fallback: SecureContextOptions;

  /** Throws `site-invalid` for what OpenSSL does not take. */
  constructor(listeners: NamedCertificates[], ticketKeys: Buffer) {
    for (const { hostname, pairs } of listeners) {
      const usable = pairs.map((pair) => load(pair, ticketKeys));
      this.#listeners.getOrAdd(hostname, () => []).push(...usable);
    }
    const chosen = listeners.find(({ hostname }) => hostname === undefined) ?? listeners[0];
    this.fallback = chosen?.pairs[0] === undefined ? {} : optionsOf(chosen.pairs[0], ticketKeys);
  }

  /** Undefined: no listener has this name. */
  find(name: string): SecureContext | undefined {
    const usable = this.#listeners.find(name.toLowerCase(), (all) => all);
    const fitting = usable?.find(({ certificate }) => certificate.checkHost(name) !== undefined);
    return (fitting ?? usable?.[0])?.context;
  }
}

function optionsOf({ certificate, key }: KeyPair, ticketKeys: Buffer): SecureContextOptions {
  return { cert: Buffer.from(certificate), key: Buffer.from(key), minVersion: "TLSv1.2", ticketKeys };
}

function load(pair: KeyPair, ticketKeys: Buffer): Usable {
  try {
    const context = createSecureContext(optionsOf(pair, ticketKeys));
    return { context, certificate: new X509Certificate(pair.certificate) };
  } catch (error) {
    throw new BandstandError("site-invalid", `a listener's certificate cannot be used: ${messageOf(error)}`, {
      remedy: "Correct tls.crt and tls.key of the Secret that the listener names.",
      cause: error,
    });
  }
}
