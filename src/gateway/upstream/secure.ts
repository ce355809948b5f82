import { X509Certificate } from "node:crypto";
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
} from "node:tls";
import type { BackendTlsPlan } from "../../model/plan/index.ts";

/** Contexts by their authorities: reading hundreds of certificates takes longer than a handshake. */
const contexts = new WeakMap<BackendTlsPlan, SecureContext>();

/** What `tls.connect` needs to speak to a backend, and to nobody else. @param protocol by ALPN. */
export function secureOptions(tls: BackendTlsPlan, protocol: "http/1.1" | "h2"): ConnectionOptions {
  let secureContext = contexts.get(tls);
  if (secureContext === undefined) {
    const ca = tls.authorities === "System" ? systemAuthorities() : tls.authorities;
    secureContext = createSecureContext({ ca, minVersion: "TLSv1.2" });
    contexts.set(tls, secureContext);
  }
  return {
    secureContext,
    servername: tls.hostname,
    ALPNProtocols: [protocol],
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
