import { z } from "zod";
import { labelSelector, namespaced, open, quantity } from "./fields.ts";

export const persistentVolumeClaimSpec = open({
  accessModes: z
    .array(z.enum(["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]))
    .min(1)
    .optional(),
  resources: open({ requests: open({ storage: quantity.optional() }).optional() }).optional(),
  storageClassName: z.string().optional(),
  volumeMode: z.enum(["Filesystem", "Block"]).optional(),
  volumeName: z.string().optional(),
  selector: labelSelector.optional(),
});

export const persistentVolumeClaim = open({
  apiVersion: z.literal("v1"),
  kind: z.literal("PersistentVolumeClaim"),
  metadata: namespaced(),
  spec: persistentVolumeClaimSpec,
});
/** PersistentVolumeClaim of core/v1. */
export type PersistentVolumeClaim = z.output<typeof persistentVolumeClaim>;
