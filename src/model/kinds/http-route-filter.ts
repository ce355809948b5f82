import { z } from "zod";
import { complain, headerName, hostname, label, open, port, subdomain } from "./fields.ts";

const header = open({ name: headerName, value: z.string().min(1).max(4096) });
const headerEdits = open({
  set: z.array(header).max(16).optional(),
  add: z.array(header).max(16).optional(),
  remove: z.array(z.string()).max(16).optional(),
});

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

/** What a route refers to outside of the standard: a middleware component. */
const extensionRef = open({ group: z.string(), kind: z.string().min(1), name: subdomain });

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
    hostname: hostname.regex(/^[^*]/, { error: "a DNS name without wildcard" }).optional(),
    path: pathEdit.optional(),
    port: port.optional(),
    statusCode: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
  }).optional(),
  urlRewrite: open({
    hostname: hostname.regex(/^[^*]/, { error: "a DNS name without wildcard" }).optional(),
    path: pathEdit.optional(),
  }).optional(),
  requestMirror: open({
    backendRef: open({ name: subdomain, namespace: label.optional(), port: port.optional() }),
  }).optional(),
  extensionRef: extensionRef.optional(),
}).superRefine((value, context) => {
  for (const [type, field] of Object.entries(fields)) {
    const given = (value as Record<string, unknown>)[field] !== undefined;
    if (type === value.type && !given) complain(context, [field], `a field ${field}, since type is ${type}`);
    if (type !== value.type && given)
      complain(context, [field], `no such field, since type is ${value.type}`, "Remove it, or change type.");
  }
});
export type HTTPRouteFilter = z.output<typeof filter>;
