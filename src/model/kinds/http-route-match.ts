import { z } from "zod";
import { complain, headerName, open } from "./fields.ts";

/** What the Gateway API refuses in paths of type Exact and PathPrefix. */
const refusedInPaths = /\/\/|\/\.\.?(?:\/|$)|%2f|#/i;
const pathCharacters = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/;

const path = open({
  type: z.enum(["Exact", "PathPrefix", "RegularExpression"]).optional(),
  value: z.string().max(1024).optional(),
}).superRefine(({ type, value = "/" }, context) => {
  if (type === "RegularExpression") return;
  if (!value.startsWith("/")) complain(context, ["value"], "a path that begins with '/'");
  else if (refusedInPaths.test(value))
    complain(context, ["value"], "a path without '//', '/./', '/../', '%2F' and '#'");
  else if (!pathCharacters.test(value))
    complain(context, ["value"], "a path of characters that RFC 3986 allows, others as %XX");
});

const header = open({
  type: z.enum(["Exact", "RegularExpression"]).optional(),
  name: headerName,
  value: z.string().min(1).max(4096),
});
const query = open({
  type: z.enum(["Exact", "RegularExpression"]).optional(),
  name: headerName,
  value: z.string().min(1).max(1024),
});

/** Conditions of which all must hold. */
export const match = open({
  path: path.optional(),
  headers: z.array(header).max(16).optional(),
  queryParams: z.array(query).max(16).optional(),
  method: z.enum(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]).optional(),
});
export type HTTPRouteMatch = z.output<typeof match>;
