import { authoritiesOf, unknownAuthorities } from "../../plan/policies/backend-tls.ts";
import type { Rule } from "../rule.ts";

/** The CA certificates that a BackendTLSPolicy names are there. */
export const backendTls: Rule = ({ resources, inventory }) =>
  resources.all("BackendTLSPolicy").flatMap((policy) => {
    const unknown = unknownAuthorities(policy);
    if (unknown !== undefined) {
      const words = {
        severity: "warning",
        code: "not-supported",
        remedy: "Use System, or caCertificateRefs.",
      } as const;
      const message = `${unknown}; requests are answered with 500`;
      return [resources.problem(policy, ["spec", "validation", "wellKnownCACertificates"], { message, ...words })];
    }
    return authoritiesOf(policy, inventory).problems.flatMap(({ index, reason, message }) =>
      resources.problem(policy, ["spec", "validation", "caCertificateRefs", index, "name"], {
        severity: "warning",
        code: reason === "InvalidKind" ? "not-supported" : "dangling-reference",
        message: `${message}: where no other one is left, requests are answered with 500`,
        remedy: "Name a ConfigMap with the certificates in ca.crt.",
      }),
    );
  });
