import { z } from "zod";
import { closed, duration, label, labelSelector, siteWide } from "./fields.ts";
import { ourVersion, relativePath } from "./wasm-component.ts";

const wave = closed({
  name: label.optional(),
  selector: labelSelector.optional(),
  percent: z.int().min(1).max(100).optional(),
  pause: duration.optional(),
});

export const site = closed({
  apiVersion: z.literal(ourVersion),
  kind: z.literal("Site"),
  metadata: siteWide(label),
  spec: closed({
    selector: labelSelector.optional(),
    source: relativePath.optional(),
    rollout: closed({
      waves: z.array(wave).max(32).optional(),
      maxUnavailable: z
        .union([z.int().min(0), z.string().regex(/^\d{1,3}%$/, { error: "a number or a percentage" })])
        .optional(),
      healthGate: duration.optional(),
      autoRollback: z.boolean().optional(),
    }).optional(),
  }).optional(),
  status: z.unknown().optional(),
});
/** Names the site of its folder; at most one. Its rollout is parsed, not served yet. */
export type Site = z.output<typeof site>;
