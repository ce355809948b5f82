import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Gateway, Listener, Secret } from "../../../model/kinds/types.ts";
import type { CertificatePlan } from "../../../model/plan/index.ts";
import type { SecretBook } from "../config/secrets.ts";
import { isGranted } from "../grants.ts";
import { idOf, type Inventory } from "../inventory.ts";
import type { ListenerOwner } from "./listener.ts";

/** Why a certificate cannot be used; the reason is the specification's. */
export interface CertificateProblem {
  /** Index in `certificateRefs`; undefined where there are none at all. */
  index: number | undefined;
  reason: "InvalidCertificateRef" | "RefNotPermitted";
  message: string;
}

type CertificateRef = NonNullable<NonNullable<Listener["tls"]>["certificateRefs"]>[number];

/** What a Gateway shows backends that are spoken to by TLS, or why it cannot; undefined where it names nothing. */
export interface BackendCertificate {
  plan: CertificatePlan | { reason: string };
  /** Of the Gateway's condition `ResolvedRefs`. */
  problem: { reason: "InvalidClientCertificateRef" | "RefNotPermitted"; message: string } | undefined;
}

/** `spec.tls.backend.clientCertificateRef` of a Gateway (GEP-3155). */
export function planBackendCertificate(
  gateway: Gateway,
  inventory: Inventory,
  secrets: SecretBook,
): BackendCertificate | undefined {
  const ref = gateway.spec.tls?.backend?.clientCertificateRef;
  if (ref === undefined) return undefined;
  const found = planCertificate(ref, gateway, inventory, secrets);
  if ("certificate" in found) return { plan: found, problem: undefined };
  const { reason, message } = found;
  const problem = { reason: reason === "RefNotPermitted" ? reason : "InvalidClientCertificateRef", message } as const;
  return { plan: { reason: `Gateway ${idOf(gateway)} has no certificate to show: ${message}` }, problem };
}

/** The certificates of an HTTPS listener that can be used, and why the others cannot. */
export function planCertificates(
  owner: ListenerOwner,
  { tls }: Listener,
  inventory: Inventory,
  secrets: SecretBook,
): { certificates: CertificatePlan[]; problems: CertificateProblem[] } {
  const refs = tls?.certificateRefs ?? [];
  const certificates: CertificatePlan[] = [];
  const problems: CertificateProblem[] = [];
  refs.forEach((ref, index) => {
    const found = planCertificate(ref, owner, inventory, secrets);
    if ("certificate" in found) certificates.push(found);
    else problems.push({ index, ...found });
  });
  if (refs.length === 0) {
    const message =
      "a listener where TLS ends needs a certificate: expected tls.certificateRefs with the name of a Secret";
    problems.push({ index: undefined, reason: "InvalidCertificateRef", message });
  }
  return { certificates, problems };
}

/** What backends are shown by every listener of a Gateway. */
export function shown(certificate: BackendCertificate | undefined): {
  backendCertificate?: BackendCertificate["plan"];
} {
  return certificate === undefined ? {} : { backendCertificate: certificate.plan };
}

function planCertificate(
  { group = "", kind = "Secret", name, namespace }: CertificateRef,
  owner: ListenerOwner,
  inventory: Inventory,
  secrets: SecretBook,
): CertificatePlan | Omit<CertificateProblem, "index"> {
  const home = owner.metadata.namespace;
  const to = { group, kind, namespace: namespace ?? home, name };
  const id = `${to.namespace}/${name}`;
  const invalid = (message: string) => ({ reason: "InvalidCertificateRef", message }) as const;
  if (group !== "" || kind !== "Secret") {
    return invalid(`${kind}${group && `.${group}`} ${name} holds no certificate: expected a Secret`);
  }
  if (!isGranted({ from: { group: "gateway.networking.k8s.io", kind: owner.kind, namespace: home }, to }, inventory)) {
    const message = `no ReferenceGrant in namespace ${to.namespace} lets ${owner.kind}s of ${home} use Secret ${name}`;
    return { reason: "RefNotPermitted", message };
  }
  const secret = inventory.find("Secret", to.namespace, name);
  if (secret === undefined) return invalid(`Secret ${id} does not exist`);
  const certificate = secrets.ref(to.namespace, name, "tls.crt");
  const key = secrets.ref(to.namespace, name, "tls.key");
  if (certificate === undefined || key === undefined) {
    return invalid(`Secret ${id}${typeOf(secret)} has no ${certificate ? "tls.key" : "tls.crt"}`);
  }
  const wrong = checkPair(secrets.read(certificate), secrets.read(key));
  return wrong === undefined ? { certificate, key } : invalid(`Secret ${id}: ${wrong}`);
}

function typeOf({ type }: Secret): string {
  return type === undefined || type === "kubernetes.io/tls" ? "" : ` of type ${type}`;
}

/** Whether both are PEM and belong together; in words that hold nothing of either. */
function checkPair(certificate: Uint8Array, key: Uint8Array): string | undefined {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return "tls.crt is no PEM certificate";
  }
  try {
    const secret = createPrivateKey(Buffer.from(key));
    return parsed.checkPrivateKey(secret) ? undefined : "tls.key is the key of another certificate";
  } catch {
    return "tls.key is no PEM private key without passphrase";
  }
}
