import { z } from "zod";
import { complain, hostname, labelSelector, namespaced, open, port, subdomain } from "./fields.ts";

const allowedRoutes = open({
  namespaces: open({
    from: z.enum(["All", "Same", "Selector", "None"]).optional(),
    selector: labelSelector.optional(),
  }).optional(),
  kinds: z
    .array(open({ group: z.string().optional(), kind: z.string() }))
    .max(8)
    .optional(),
});

/** Which certificates of clients are good: by default a connection without one is ended. */
const clientValidation = open({
  caCertificateRefs: z
    .array(open({ group: z.string(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .min(1)
    .max(8),
  mode: z.enum(["AllowValidOnly", "AllowInsecureFallback"]).optional(),
});
const clientTls = open({ validation: clientValidation.optional() });

const listener = open({
  name: subdomain,
  hostname: hostname.optional(),
  port,
  protocol: z.string().min(1).max(255),
  tls: open({
    mode: z.enum(["Terminate", "Passthrough"]).optional(),
    certificateRefs: z
      .array(
        open({
          group: z.string().optional(),
          kind: z.string().optional(),
          name: z.string(),
          namespace: z.string().optional(),
        }),
      )
      .max(64)
      .optional(),
    frontendValidation: clientValidation.optional(),
  }).optional(),
  allowedRoutes: allowedRoutes.optional(),
});
export type Listener = z.output<typeof listener>;

export const gateway = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
  kind: z.literal("Gateway"),
  metadata: namespaced(),
  spec: open({
    gatewayClassName: z.string().min(1).max(253),
    listeners: z.array(listener).min(1).max(64),
    infrastructure: open({
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
  }).superRefine((spec, context) => {
    const names = new Set<string>();
    const places = new Set<string>();
    spec.listeners.forEach(({ name, port: number, protocol, hostname: host = "", tls }, index) => {
      if (names.has(name))
        complain(
          context,
          ["listeners", index, "name"],
          "a name that no other listener of the Gateway has",
          "Give it another name.",
        );
      names.add(name);
      const place = `${number}/${protocol}/${host}`;
      if (places.has(place)) {
        complain(
          context,
          ["listeners", index],
          "a combination of port, protocol and hostname that no other listener has",
        );
      }
      places.add(place);
      if (tls && ["HTTP", "TCP", "UDP"].includes(protocol)) {
        complain(context, ["listeners", index, "tls"], `no tls: the listener's protocol is ${protocol}`);
      }
    });
  }),
});
/** Gateway of gateway.networking.k8s.io/v1 and v1beta1. */
export type Gateway = z.output<typeof gateway>;
