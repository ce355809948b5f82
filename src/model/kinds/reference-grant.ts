import { z } from "zod";
import { label, namespaced, open } from "./fields.ts";

export const referenceGrant = open({
  apiVersion: z.enum(["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
  kind: z.literal("ReferenceGrant"),
  metadata: namespaced(),
  spec: open({
    from: z
      .array(open({ group: z.string(), kind: z.string().min(1), namespace: label }))
      .min(1)
      .max(16),
    to: z
      .array(open({ group: z.string(), kind: z.string().min(1), name: z.string().optional() }))
      .min(1)
      .max(16),
  }),
});
/** ReferenceGrant of gateway.networking.k8s.io/v1 and v1beta1; lives in the namespace that is referred to. */
export type ReferenceGrant = z.output<typeof referenceGrant>;
