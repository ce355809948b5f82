import { z } from "zod";
import { grantForms, parseGrant } from "../../foundation/network/index.ts";
import { httpToken } from "../value/names.ts";
import { closed, complain, configKey, namespaced, subdomain } from "./fields.ts";
import { limits } from "./limits.ts";

/** `apiVersion` of our own kinds. */
export const ourVersion = "bandstand.dev/v1alpha1";

export const imageReference = z
  .string()
  .regex(/^[A-Za-z0-9][^\s]{0,511}$/, { error: "an image reference: registry.example/name:tag" });
/** Below the site's folder; that it stays there is checked later, where its place is known. */
export const relativePath = z.string().min(1).max(1024);

const origin = z
  .string()
  .max(300)
  .refine((value) => parseGrant(value) !== undefined, {
    error: `an origin without a path, or ${grantForms}: https://api.example.com, api.example.com:8443, 10.0.0.0/8`,
  })
  .transform((value) =>
    value
      .trim()
      .toLowerCase()
      .replace(/(?<=:\/\/[^/]*)\/$/, ""),
  );

const serviceReference = z
  .string()
  .regex(/^[a-z](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.svc)?)?(?::\d{1,5})?$/, {
    error: "a Service by name, name.namespace or name:port",
  });

const keyReference = closed({ name: subdomain, key: configKey, optional: z.boolean().optional() });
const valueSource = closed({
  valueFrom: closed({ secretKeyRef: keyReference.optional(), configMapKeyRef: keyReference.optional() }).superRefine(
    (value, context) => exactlyOne(value, ["secretKeyRef", "configMapKeyRef"], context),
  ),
});
const wholeReference = closed({ name: subdomain, optional: z.boolean().optional() });
const configSource = closed({
  prefix: z.string().max(128).optional(),
  configMapRef: wholeReference.optional(),
  secretRef: wholeReference.optional(),
}).superRefine((value, context) => exactlyOne(value, ["configMapRef", "secretRef"], context));

/** Headers that carry the message itself; who sets them breaks the connection, not the identity. */
const framing = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const identityHeader = z
  .string()
  .regex(httpToken, { error: "a header name: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)" })
  .transform((value) => value.toLowerCase())
  .refine((value) => !framing.has(value), {
    error: "a header that tells who asks, not one of the connection itself",
  });

const capabilities = closed({
  http: z.array(origin).max(256).default([]),
  services: z.array(serviceReference).max(256).default([]),
  keyValue: z.array(z.string().max(128)).max(64).default([]),
  mode: z.enum(["enforce", "count"]).default("enforce"),
});

/** Who else may have signed certificates of hosts that a component sends to, as in a BackendTLSPolicy. */
const tls = closed({
  caCertificateRefs: z
    .array(
      closed({ group: z.literal("").default(""), kind: z.literal("ConfigMap").default("ConfigMap"), name: subdomain }),
    )
    .max(8)
    .default([]),
});

const spec = closed({
  image: imageReference.optional(),
  file: relativePath.optional(),
  source: relativePath.optional(),
  isolation: z.enum(["request", "reuse"]).default("request"),
  runtime: z.enum(["v8", "wasmedge"]).default("v8"),
  limits: limits.prefault({}),
  capabilities: capabilities.prefault({}),
  tls: tls.optional(),
  config: z.record(z.string().min(1).max(253), z.union([z.string(), valueSource])).default({}),
  configFrom: z.array(configSource).max(64).default([]),
  identityHeaders: z.array(identityHeader).max(32).default([]),
}).superRefine((value, context) => exactlyOne(value, ["image", "file", "source"], context));

export const wasmComponent = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("WasmComponent"),
  metadata: namespaced(),
  spec,
  status: z.unknown().optional(),
});
/**
 * A WebAssembly component and what it may do. Parsed: limits in bytes and milliseconds, defaults
 * filled in, header names and origins in lower case.
 */
export type WasmComponent = z.output<typeof wasmComponent>;

/** One of several fields must be there, and only one. */
export function exactlyOne(value: object, fields: string[], context: z.RefinementCtx): void {
  const given = fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined);
  if (given.length === 1) return;
  const choice = `exactly one of ${fields.join(", ")}`;
  if (given.length === 0) complain(context, [], choice, "Add one of them.");
  else complain(context, [given[1]!], choice, "Remove all but one.");
}
