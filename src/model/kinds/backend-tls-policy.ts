import { z } from "zod";
import { complain, hostname, namespaced, open, referenceName, subdomain } from "./fields.ts";

const subjectAltName = open({
  type: z.enum(["Hostname", "URI"]),
  hostname: hostname.optional(),
  uri: z
    .string()
    .max(253)
    .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s,"]+$/, { error: "an absolute URI" })
    .optional(),
}).superRefine(({ type, hostname: name, uri }, context) => {
  if (type === "Hostname" && name === undefined) complain(context, ["hostname"], "a name, since type is Hostname");
  if (type === "URI" && uri === undefined) complain(context, ["uri"], "a URI, since type is URI");
});

const validation = open({
  caCertificateRefs: z
    .array(open({ group: z.string(), kind: z.string(), name: z.string() }))
    .max(8)
    .optional(),
  /** Which of them are known is said in `status`. Empty is what some tools write for a field that is not set. */
  wellKnownCACertificates: z.string().max(253).optional(),
  hostname: hostname.refine((name) => !name.startsWith("*."), { error: "the backend's own name, without '*'" }),
  subjectAltNames: z.array(subjectAltName).max(5).optional(),
}).superRefine(({ caCertificateRefs = [], wellKnownCACertificates = "" }, context) => {
  if (caCertificateRefs.length > 0 === (wellKnownCACertificates !== ""))
    complain(context, ["caCertificateRefs"], "exactly one of caCertificateRefs and wellKnownCACertificates");
});

export const backendTlsPolicy = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha3"]),
  kind: z.literal("BackendTLSPolicy"),
  metadata: namespaced(),
  spec: open({
    targetRefs: z
      .array(open({ group: z.string(), kind: z.string(), name: referenceName, sectionName: subdomain.optional() }))
      .min(1)
      .max(16),
    validation,
  }),
});
/** BackendTLSPolicy of gateway.networking.k8s.io/v1: a Service is spoken to by TLS, and how its certificate is checked. */
export type BackendTLSPolicy = z.output<typeof backendTlsPolicy>;
