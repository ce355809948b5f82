import { z } from "zod";
import { defaultScope } from "./route-parts.ts";
import { namespaced, namespaceSelector, open, port } from "./fields.ts";
import { checkListeners, clientValidation, listener } from "./listener.ts";

const clientTls = open({ validation: clientValidation.optional() });

export const gateway = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
  kind: z.literal("Gateway"),
  metadata: namespaced(),
  spec: open({
    gatewayClassName: z.string().min(1).max(253),
    listeners: z.array(listener).min(1).max(64),
    /** Which ListenerSets may add listeners; none unless it says so. */
    allowedListeners: open({
      namespaces: open({
        from: z.enum(["All", "Same", "Selector", "None"]).optional(),
        selector: namespaceSelector.optional(),
      }).optional(),
    }).optional(),
    /** It takes routes that ask for default Gateways (GEP-3793). */
    defaultScope: defaultScope.optional(),
    infrastructure: open({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      parametersRef: open({ group: z.string(), kind: z.string(), name: z.string() }).optional(),
    }).optional(),
    tls: open({
      backend: open({
        clientCertificateRef: open({
          group: z.string().optional(),
          kind: z.string().optional(),
          name: z.string(),
          namespace: z.string().optional(),
        }).optional(),
      }).optional(),
      frontend: open({
        default: clientTls.optional(),
        perPort: z
          .array(open({ port, tls: clientTls }))
          .max(64)
          .optional(),
      }).optional(),
    }).optional(),
    addresses: z
      .array(open({ type: z.string().optional(), value: z.string().optional() }))
      .max(16)
      .optional(),
  }).superRefine(({ listeners }, context) => checkListeners(listeners, context)),
});
/** Gateway of gateway.networking.k8s.io/v1 and v1beta1. */
export type Gateway = z.output<typeof gateway>;
