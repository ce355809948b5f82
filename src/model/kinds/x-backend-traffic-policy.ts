import { z } from "zod";
import { namespaced, open, referenceName } from "./fields.ts";
import { millisecondsIn } from "./limits.ts";

const interval = millisecondsIn(1000, 3_600_000, "a duration from 1s to 1h");

export const xBackendTrafficPolicy = open({
  apiVersion: z.literal("gateway.networking.x-k8s.io/v1alpha1"),
  kind: z.literal("XBackendTrafficPolicy"),
  metadata: namespaced(),
  spec: open({
    targetRefs: z
      .array(open({ group: z.string(), kind: z.string(), name: referenceName }))
      .min(1)
      .max(16),
    retryConstraint: open({
      budget: open({ percent: z.int().min(0).max(100).default(20), interval: interval.prefault("10s") }).prefault({}),
      minRetryRate: open({
        count: z.int().min(1).max(1_000_000).default(10),
        interval: interval.prefault("1s"),
      }).prefault({}),
    }).optional(),
    sessionPersistence: z.unknown().optional(),
  }),
});
/** XBackendTrafficPolicy of the Gateway API's experimental channel (GEP-3388): how many retries a Service may get. */
export type XBackendTrafficPolicy = z.output<typeof xBackendTrafficPolicy>;
