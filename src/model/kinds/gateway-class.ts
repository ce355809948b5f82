import { z } from "zod";
import { open, siteWide } from "./fields.ts";

export const gatewayClass = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
  kind: z.literal("GatewayClass"),
  metadata: siteWide(),
  spec: open({
    parametersRef: open({
      group: z.string(),
      kind: z.string(),
      name: z.string(),
      namespace: z.string().optional(),
    }).optional(),
    controllerName: z.string().regex(/^[a-z0-9.-]+\/.+$/, { error: "a domain and a path: example.com/name" }),
  }),
});
/** GatewayClass of gateway.networking.k8s.io/v1 and v1beta1. */
export type GatewayClass = z.output<typeof gatewayClass>;
