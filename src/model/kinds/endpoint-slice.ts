import { z } from "zod";
import { namespaced, open, port } from "./fields.ts";

const conditions = open({
  ready: z.boolean().optional(),
  serving: z.boolean().optional(),
  terminating: z.boolean().optional(),
});

export const endpointSlice = open({
  apiVersion: z.literal("discovery.k8s.io/v1"),
  kind: z.literal("EndpointSlice"),
  metadata: namespaced(),
  addressType: z.enum(["IPv4", "IPv6", "FQDN"]),
  endpoints: z
    .array(
      open({
        addresses: z.array(z.string().min(1)).min(1).max(100),
        conditions: conditions.optional(),
        hostname: z.string().optional(),
      }),
    )
    .max(1000)
    .default([]),
  ports: z
    .array(
      open({
        name: z.string().optional(),
        port: port.optional(),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).optional(),
        appProtocol: z.string().optional(),
      }),
    )
    .max(100)
    .optional(),
});
/** EndpointSlice of discovery.k8s.io/v1; the label `kubernetes.io/service-name` names its Service. */
export type EndpointSlice = z.output<typeof endpointSlice>;
