import { authoritiesOf } from "../../plan/policies/backend-tls.ts";
import type { Rule } from "../rule.ts";

/** The CA certificates that a BackendTLSPolicy names are there. */
export const backendTls: Rule = ({ resources, inventory }) =>
  resources.all("BackendTLSPolicy").flatMap((policy) =>
    authoritiesOf(policy, inventory).problems.flatMap(({ index, reason, message }) =>
      resources.problem(policy, ["spec", "validation", "caCertificateRefs", index, "name"], {
        severity: "warning",
        code: reason === "InvalidKind" ? "not-supported" : "dangling-reference",
        message: `${message}: where no other one is left, requests are answered with 500`,
        remedy: "Name a ConfigMap with the certificates in ca.crt.",
      }),
    ),
  );
