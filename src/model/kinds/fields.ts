import { z } from "zod";
import * as names from "../value/names.ts";
import { parseDuration } from "../value/duration.ts";
import { parseQuantity } from "../value/quantity.ts";

/**
 * Field types that several kinds share. Texts given to a check say what is expected;
 * the reader of problems adds what was got.
 */

/** An object of a standard kind: fields that we do not read are kept and passed on. */
export const open = z.looseObject;

/** An object of our own kinds: an unknown field is an error that names the valid ones. */
export function closed<const Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

/** A string of a certain form. `expected` completes "expected …". */
function text(form: RegExp, expected: string): z.ZodString {
  return z.string().regex(form, { error: expected });
}

export const label = text(
  names.dnsLabel,
  "at most 63 lower case letters, digits and '-', beginning and ending with a letter or digit (RFC 1123)",
);
export const subdomain = text(
  names.dnsSubdomain,
  "at most 253 lower case letters, digits, '-' and '.', each part beginning and ending with a letter or digit (RFC 1123)",
);
/** Of a resource that something refers to. Whether there is one, and can be one, is another question: `kubectl apply` takes any. */
export const referenceName = z.string().min(1).max(253);
export const service = text(
  names.serviceName,
  "at most 63 lower case letters, digits and '-', beginning with a letter, ending with a letter or digit (RFC 1035)",
);
export const portName = text(
  names.portName,
  "at most 15 lower case letters, digits and '-', at least one of them a letter (RFC 6335)",
);
export const configKey = text(names.configKey, "at most 253 letters, digits, '-', '_' and '.'");
export const environmentName = text(
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be in a name
  /^[^=\u0000-\u001f\u007f-\uffff]{1,1024}$/,
  "printable ASCII characters without '='",
);
export const headerName = text(names.httpToken, "a header name: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)");
/** What a header may be set to: no control characters but tabs (RFC 9110, section 5.5). */
export const headerValue = text(
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be in a value
  /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/,
  "a header value without line breaks and other control characters (RFC 9110)",
);
export const hostname = text(
  names.hostname,
  "a lower case DNS name without port, '*.' allowed as its first label only, and no IP address",
);

/** Of listeners, routes and redirects: what `kubectl apply` takes. */
export const hostnameOrAddress = text(
  names.hostnameOrAddress,
  "a lower case DNS name without port, '*.' allowed as its first label only",
);

export const port = z.int().min(1).max(65535);
/** A number, or the name of a port of the container. */
export const portOrName = z.union([port, portName]);
export const count = z.int().min(0).max(2147483647);

/** `128Mi`, `500m`, 2: kept as written, read with `parseQuantity`. */
export const quantity = z
  .union([z.string(), z.number()])
  .refine((value) => (parseQuantity(value) ?? -1) >= 0, { error: "a quantity such as 500m, 1.5, 128Mi or 10G" });

/** `10s`, `1h30m`: kept as written, read with `parseDuration`. */
export const duration = z
  .string()
  .refine((value) => parseDuration(value) !== undefined, { error: "a duration such as 500ms, 10s or 1h30m" });

export const labels = z.record(
  text(names.qualifiedName, "a label key: an optional DNS prefix and '/', then letters, digits, '-', '_' and '.'"),
  text(names.labelValue, "at most 63 letters, digits, '-', '_' and '.'"),
);
const annotations = z.record(
  text(names.qualifiedName, "an annotation key: an optional DNS prefix and '/', then letters, digits, '-', '_', '.'"),
  z.string(),
);

export const labelSelector = open({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(
      open({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/**
 * Of namespaces, in the Gateway API. What cannot be a selector selects nothing, as its CRDs take any text; those of
 * Kubernetes itself are `labelSelector`.
 */
export const namespaceSelector = open({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(open({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
    .optional(),
});

const metadataOf = (name: z.ZodString) => ({
  name,
  labels: labels.optional(),
  annotations: annotations.optional(),
  creationTimestamp: z.string().optional(),
  /** Counts changes of `spec` where an API server wrote the resource. */
  generation: z.int().min(0).optional(),
});

/** Metadata of a resource that lives in a namespace; the parser fills in `default`. */
export const namespaced = (name: z.ZodString = subdomain) =>
  open({ ...metadataOf(name), namespace: label.default("default") });

/** Metadata of a resource of the whole site. */
export const siteWide = (name: z.ZodString = subdomain) => open(metadataOf(name));

/** Metadata of a pod template: everything is optional. */
export const templateMetadata = open({ labels: labels.optional(), annotations: annotations.optional() });

/** Complains at `path` below the checked object. `expected` completes "expected …". */
export function complain(context: z.RefinementCtx, path: PropertyKey[], expected: string, remedy?: string): void {
  context.addIssue({ code: "custom", path, message: expected, params: { remedy } });
}
