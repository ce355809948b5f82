import { X509Certificate } from "node:crypto";
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
} from "node:tls";
import type { BackendTlsPlan, CertificatePlan } from "../../model/plan/index.ts";

/** Who we are to a backend that asks its clients for a certificate. */
export class ClientIdentity {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
  readonly #plan: CertificatePlan;

  /** @param certificate and key, PEM, of the plan's Secret. */
  constructor(plan: CertificatePlan, certificate: Uint8Array, key: Uint8Array) {
    this.#plan = plan;
    this.certificate = certificate;
    this.key = key;
  }

  /** Names and hashes: what connections are told apart by holds no key. */
  toJSON(): CertificatePlan {
    return this.#plan;
  }
}

/** TLS to a backend, with what we show it if it asks. */
export interface BackendTls extends BackendTlsPlan {
  identity?: ClientIdentity;
}

/** Contexts by their authorities: reading hundreds of certificates takes longer than a handshake. */
const contexts = new WeakMap<BackendTls, SecureContext>();

/** What `tls.connect` needs to speak to a backend, and to nobody else. @param protocol by ALPN; undefined: none is named. */
export function secureOptions(tls: BackendTls, protocol: "http/1.1" | "h2" | undefined): ConnectionOptions {
  let secureContext = contexts.get(tls);
  if (secureContext === undefined) {
    const ca = tls.authorities === "System" ? systemAuthorities() : tls.authorities;
    const { certificate, key } = tls.identity ?? {};
    const shown = certificate && key && { cert: Buffer.from(certificate), key: Buffer.from(key) };
    secureContext = createSecureContext({ ca, minVersion: "TLSv1.2", ...shown });
    contexts.set(tls, secureContext);
  }
  return {
    secureContext,
    servername: tls.hostname,
    ...(protocol && { ALPNProtocols: [protocol] }),
    checkServerIdentity: (_name, peer) => identityError(tls, peer),
  };
}

/** The certificate authorities of this machine, in PEM; where it has none, those that Node brings. */
export function systemAuthorities(): string[] {
  const system = getCACertificates("system");
  return system.length > 0 ? system : getCACertificates("default");
}

function identityError({ hostname, names }: BackendTlsPlan, peer: PeerCertificate): Error | undefined {
  if (names.length === 0) return checkServerIdentity(hostname, peer);
  const certificate = new X509Certificate(peer.raw);
  const listed = new Set(certificate.subjectAltName?.split(", "));
  const holds = names.some(({ type, value }) =>
    // What needs quotes in the list is a JSON text there, so no name can pretend to be two.
    type === "URI" ? listed.has(`URI:${value}`) : certificate.checkHost(value, { subject: "never" }) !== undefined,
  );
  const wanted = names.map(({ value }) => value).join(", ");
  return holds ? undefined : new Error(`its certificate is for none of ${wanted}`);
}
