import { z } from "zod";
import { complain, open } from "./fields.ts";

/** What a route refers to as who authorizes (GEP-1494, experimental); its backend is checked where it is used. */
export const externalAuth = <Backend extends z.ZodType>(backendRef: Backend) =>
  open({
    protocol: z.enum(["HTTP", "GRPC"]),
    backendRef,
    grpc: open({ allowedHeaders: z.array(z.string()).max(64).optional() }).optional(),
    http: open({
      path: z
        .string()
        .max(1024)
        .regex(/^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/, {
          error: "a path of characters that RFC 3986 allows, others as %XX",
        })
        .optional(),
      allowedHeaders: z.array(z.string()).max(64).optional(),
      allowedResponseHeaders: z.array(z.string()).max(64).optional(),
    }).optional(),
    forwardBody: open({ maxSize: z.int().min(0).max(2147483647).optional() }).optional(),
  }).superRefine(({ protocol, grpc, http }, context) => {
    if (protocol === "HTTP" && grpc !== undefined)
      complain(context, ["grpc"], "no grpc, since protocol is HTTP", "Remove it, or change protocol.");
    if (protocol === "GRPC" && http !== undefined)
      complain(context, ["http"], "no http, since protocol is GRPC", "Remove it, or change protocol.");
  });
