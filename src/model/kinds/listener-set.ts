import { z } from "zod";
import { label, namespaced, open, referenceName } from "./fields.ts";
import { checkListeners, listener } from "./listener.ts";

export const listenerSet = open({
  apiVersion: z.literal("gateway.networking.k8s.io/v1"),
  kind: z.literal("ListenerSet"),
  metadata: namespaced(),
  spec: open({
    parentRef: open({
      group: z.string().max(253).optional(),
      kind: z.string().min(1).max(63).optional(),
      namespace: label.optional(),
      name: referenceName,
    }),
    listeners: z.array(listener).min(1).max(64),
  }).superRefine(({ listeners }, context) => checkListeners(listeners, context)),
});
/** ListenerSet of gateway.networking.k8s.io/v1 (GEP-1713): more listeners for a Gateway that allows it. */
export type ListenerSet = z.output<typeof listenerSet>;
