import { z } from "zod";
import { externalAuth } from "./external-auth.ts";
import { complain, headerName, headerValue, hostnameOrAddress, label, open, port, referenceName } from "./fields.ts";

const header = open({ name: headerName, value: headerValue.min(1).max(4096) });
const headerEdits = open({
  set: z.array(header).max(16).optional(),
  add: z.array(header).max(16).optional(),
  remove: z.array(z.string()).max(16).optional(),
});

/** Of one host. Empty is what some tools write for a field that is not set. */
const preciseHostname = z.literal("").or(hostnameOrAddress.regex(/^[^*]/, { error: "a DNS name without wildcard" }));

const pathEdit = open({
  type: z.enum(["ReplaceFullPath", "ReplacePrefixMatch"]),
  replaceFullPath: z.string().max(1024).optional(),
  replacePrefixMatch: z.string().max(1024).optional(),
}).superRefine((edit, context) => {
  const field = edit.type === "ReplaceFullPath" ? "replaceFullPath" : "replacePrefixMatch";
  if (edit[field] === undefined) complain(context, [field], `a path, since type is ${edit.type}`);
  const other = field === "replaceFullPath" ? "replacePrefixMatch" : "replaceFullPath";
  if (edit[other] !== undefined)
    complain(context, [other], `no such field, since type is ${edit.type}`, "Remove it, or change type.");
});

/** What a route sends to: a Service unless group and kind say otherwise. */
export const backendObject = {
  group: z.string().max(253).optional(),
  kind: z.string().min(1).max(63).optional(),
  namespace: label.optional(),
  name: referenceName,
  port: port.optional(),
};

/** A Service is many ports; which one is meant must be said. */
export function checkBackendPort(
  ref: { group?: string | undefined; kind?: string | undefined; port?: number | undefined },
  context: z.RefinementCtx,
): void {
  const isService = (ref.group ?? "") === "" && (ref.kind ?? "Service") === "Service";
  if (isService && ref.port === undefined) complain(context, ["port"], "a port: the backend is a Service");
}

const requestMirror = open({
  backendRef: open(backendObject).superRefine(checkBackendPort),
  percent: z.int().min(0).max(100).optional(),
  fraction: open({ numerator: z.int().min(0), denominator: z.int().min(1).optional() }).optional(),
}).superRefine(({ percent, fraction }, context) => {
  if (percent !== undefined && fraction !== undefined) {
    complain(context, ["fraction"], "either percent or fraction, not both");
  } else if (fraction !== undefined && fraction.numerator > (fraction.denominator ?? 100)) {
    complain(context, ["fraction", "numerator"], `at most the denominator (${fraction.denominator ?? 100})`);
  }
});

/** Names of headers or methods; `*` stands for all of them, and alone. */
const orWildcard = (name: z.ZodType<string>, most: number) =>
  z
    .array(name)
    .max(most)
    .superRefine((list, context) => {
      if (list.includes("*") && list.length > 1) complain(context, [], "either '*' alone or a list without it");
    })
    .optional();

const corsOrigin = z
  .string()
  .max(253)
  .regex(/^(?:\*|https?:\/\/(?:\*|(?:\*\.)?(?:[a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?)$/, {
    error: "'*', or a scheme, '://', a host that may begin with '*.', and perhaps a port",
  });

const cors = open({
  allowOrigins: orWildcard(corsOrigin, 64),
  allowCredentials: z.boolean().optional(),
  allowMethods: orWildcard(
    z.enum(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"]),
    9,
  ),
  allowHeaders: orWildcard(headerName, 64),
  exposeHeaders: z.array(headerName).max(64).optional(),
  maxAge: z.int().min(0).max(2147483647).optional(),
});

/** What a route refers to outside of the standard: a middleware component. */
const extensionRef = open({ group: z.string(), kind: z.string().min(1), name: referenceName });

/** Which field belongs to which type of filter. */
const fields = {
  RequestHeaderModifier: "requestHeaderModifier",
  ResponseHeaderModifier: "responseHeaderModifier",
  RequestRedirect: "requestRedirect",
  URLRewrite: "urlRewrite",
  RequestMirror: "requestMirror",
  ExtensionRef: "extensionRef",
  CORS: "cors",
  ExternalAuth: "externalAuth",
} as const;

/**
 * A filter of a rule or of a backend. A type that is not known is kept: such a filter
 * cannot be resolved, and requests that reach it get 500.
 */
export const filter = open({
  type: z.string().min(1),
  requestHeaderModifier: headerEdits.optional(),
  responseHeaderModifier: headerEdits.optional(),
  requestRedirect: open({
    scheme: z.enum(["http", "https"]).optional(),
    hostname: preciseHostname.optional(),
    path: pathEdit.optional(),
    port: port.optional(),
    statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
  }).optional(),
  urlRewrite: open({
    hostname: preciseHostname.optional(),
    path: pathEdit.optional(),
  }).optional(),
  requestMirror: requestMirror.optional(),
  cors: cors.optional(),
  extensionRef: extensionRef.optional(),
  externalAuth: externalAuth(open(backendObject).superRefine(checkBackendPort)).optional(),
}).superRefine((value, context) => {
  for (const [type, field] of Object.entries(fields)) {
    const given = (value as Record<string, unknown>)[field] !== undefined;
    if (type === value.type && !given) complain(context, [field], `a field ${field}, since type is ${type}`);
    if (type !== value.type && given)
      complain(context, [field], `no such field, since type is ${value.type}`, "Remove it, or change type.");
  }
});
export type HTTPRouteFilter = z.output<typeof filter>;
