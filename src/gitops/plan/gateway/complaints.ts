import type { Gateway } from "../../../model/kinds/types.ts";
import type { ProblemCode } from "../../../model/problem/problem.ts";
import type { BackendCertificate } from "./certificates.ts";
import { servedKinds, servedProtocols, type PlannedListener } from "./listener.ts";

/** What is wrong with a Gateway or a ListenerSet, and where in it. */
export interface Complaint {
  path: (string | number)[];
  code: ProblemCode;
  message: string;
  remedy: string;
}

/** Parameters that nothing here reads. */
export function parametersOf({ spec }: Gateway, complaints: Complaint[]): string | undefined {
  const ref = spec.infrastructure?.parametersRef;
  if (ref === undefined) return undefined;
  const message = `there are no parameters of kind ${ref.kind}.${ref.group}: the Gateway is served without ${ref.name}`;
  const remedy = "Remove spec.infrastructure.parametersRef.";
  complaints.push({ path: ["spec", "infrastructure", "parametersRef"], code: "not-supported", message, remedy });
  return message;
}

/** Said once, so that nobody looks for them: there is no load balancer, pod or account that a Gateway makes. */
export function aboutInfrastructure({ spec: { infrastructure = {} } }: Gateway): Complaint[] {
  return (["labels", "annotations"] as const).flatMap((field) => {
    if (infrastructure[field] === undefined) return [];
    const message = `a Gateway makes no resources here that could carry ${field}: its listeners are sockets of this process`;
    const remedy = `Remove spec.infrastructure.${field}; the Gateway is served all the same.`;
    return [{ path: ["spec", "infrastructure", field], code: "not-supported" as const, message, remedy }];
  });
}

/** Backends would take us for somebody else without it, or turn every request away. */
export function aboutBackendCertificate({ reason, message }: NonNullable<BackendCertificate["problem"]>): Complaint {
  const denied = reason === "RefNotPermitted";
  return {
    path: ["spec", "tls", "backend", "clientCertificateRef", "name"],
    code: denied ? "missing-grant" : "dangling-reference",
    message: `${message}: requests to backends with a BackendTLSPolicy are answered with 500`,
    remedy: denied
      ? "Add a ReferenceGrant to that namespace: from Gateway, to Secret."
      : "Name a Secret of type kubernetes.io/tls with tls.crt and tls.key.",
  };
}

/** What is wrong with a listener. @param index in the list of its owner. */
export function complain(
  { owner, listener, unsupported, conflict, certificateProblems, authorityProblems, invalidKinds }: PlannedListener,
  index: number,
): Complaint[] {
  const path = ["spec", "listeners", index];
  const complaints: Complaint[] = [];
  if (unsupported !== undefined) {
    const [field, remedy] =
      unsupported.reason === "UnsupportedProtocol"
        ? [["protocol"], `Use one of ${servedProtocols.join(", ")}.`]
        : [["tls", "mode"], "Use mode Terminate."];
    complaints.push({ path: [...path, ...field], code: "not-served-yet", message: unsupported.message, remedy });
  }
  if (conflict !== undefined) {
    const remedy = "Give one of them another port or hostname.";
    complaints.push({ path: [...path, "port"], code: "listener-conflict", message: conflict.message, remedy });
  }
  for (const { index: at, reason, message } of certificateProblems) {
    const denied = reason === "RefNotPermitted";
    complaints.push({
      path: at === undefined ? [...path, "protocol"] : [...path, "tls", "certificateRefs", at, "name"],
      code: denied ? "missing-grant" : "dangling-reference",
      message: `listener ${listener.name}: ${message}`,
      remedy: denied
        ? `Add a ReferenceGrant to that namespace: from ${owner.kind}, to Secret.`
        : "Name a Secret of type kubernetes.io/tls with tls.crt and tls.key.",
    });
  }
  for (const { path: at, from, reason, message } of authorityProblems) {
    complaints.push({
      path: at,
      code: reason === "RefNotPermitted" ? "missing-grant" : "dangling-reference",
      message: `listener ${listener.name}: ${message}`,
      remedy:
        reason === "RefNotPermitted"
          ? `Add a ReferenceGrant to that namespace: from ${from}, to ConfigMap.`
          : "Name a ConfigMap with the certificates in ca.crt.",
    });
  }
  // Of a protocol that is not served everything is said.
  for (const kind of unsupported === undefined ? invalidKinds : []) {
    const message = `allowedRoutes of listener ${listener.name} names ${kind}: a listener of ${listener.protocol} takes ${servedKinds(listener).join("s and ")}s`;
    const remedy = "Remove it from allowedRoutes.kinds.";
    complaints.push({ path: [...path, "allowedRoutes", "kinds"], code: "not-supported", message, remedy });
  }
  return complaints;
}
