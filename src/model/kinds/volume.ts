import { z } from "zod";
import { label, open, quantity } from "./fields.ts";

const mode = z.int().min(0).max(0o777);
const items = z.array(open({ key: z.string().min(1), path: z.string().min(1), mode: mode.optional() }));
const downwardItems = z.array(
  open({
    path: z.string().min(1),
    fieldRef: open({ fieldPath: z.string() }).optional(),
    resourceFieldRef: open({ resource: z.string(), containerName: z.string().optional() }).optional(),
    mode: mode.optional(),
  }),
);

const projection = open({
  configMap: open({
    name: z.string().optional(),
    items: items.optional(),
    optional: z.boolean().optional(),
  }).optional(),
  secret: open({ name: z.string().optional(), items: items.optional(), optional: z.boolean().optional() }).optional(),
  downwardAPI: open({ items: downwardItems.optional() }).optional(),
  serviceAccountToken: open({ path: z.string() }).optional(),
});

/** Volume of core/v1. One that names no source is an `emptyDir`, as Kubernetes defaults it. */
export const volume = open({
  name: label,
  emptyDir: open({ medium: z.string().optional(), sizeLimit: quantity.optional() }).optional(),
  configMap: open({
    name: z.string().min(1),
    items: items.optional(),
    defaultMode: mode.optional(),
    optional: z.boolean().optional(),
  }).optional(),
  secret: open({
    secretName: z.string().min(1),
    items: items.optional(),
    defaultMode: mode.optional(),
    optional: z.boolean().optional(),
  }).optional(),
  persistentVolumeClaim: open({ claimName: z.string().min(1), readOnly: z.boolean().optional() }).optional(),
  projected: open({ sources: z.array(projection).optional(), defaultMode: mode.optional() }).optional(),
  downwardAPI: open({ items: downwardItems.optional(), defaultMode: mode.optional() }).optional(),
  hostPath: open({ path: z.string() }).optional(),
});
export type Volume = z.output<typeof volume>;
