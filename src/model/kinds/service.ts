import { z } from "zod";
import {
  complain,
  label,
  labels,
  namespaced,
  open,
  port,
  portOrName,
  service as serviceName,
  subdomain,
} from "./fields.ts";

const servicePort = open({
  name: label.optional(),
  port,
  targetPort: portOrName.optional(),
  protocol: z.enum(["TCP", "UDP", "SCTP"]).optional(),
  appProtocol: z.string().optional(),
  nodePort: z.int().min(0).max(65535).optional(),
});

export const service = open({
  apiVersion: z.literal("v1"),
  kind: z.literal("Service"),
  metadata: namespaced(serviceName),
  spec: open({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]).optional(),
    selector: labels.optional(),
    ports: z.array(servicePort).optional(),
    clusterIP: z.string().optional(),
    externalName: subdomain.optional(),
    publishNotReadyAddresses: z.boolean().optional(),
    sessionAffinity: z.enum(["None", "ClientIP"]).optional(),
  }).superRefine((spec, context) => {
    const ports = spec.ports ?? [];
    if (spec.type === "ExternalName") {
      if (!spec.externalName) complain(context, ["externalName"], "a DNS name: spec.type is ExternalName");
    } else if (ports.length === 0 && spec.clusterIP !== "None") {
      complain(context, ["ports"], "at least one port (only headless and ExternalName Services have none)");
    }
    const seen = new Set<string>();
    ports.forEach(({ name = "" }, index) => {
      if (ports.length > 1 && name === "")
        complain(context, ["ports", index, "name"], "a name: the Service has several ports");
      else if (seen.has(name))
        complain(
          context,
          ["ports", index, "name"],
          "a name that no other port of the Service has",
          "Give it another name.",
        );
      seen.add(name);
    });
  }),
});
/** Service of core/v1. */
export type Service = z.output<typeof service>;
