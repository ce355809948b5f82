import { z } from "zod";
import { persistentVolumeClaimSpec } from "./persistent-volume-claim.ts";
import { count, labelSelector, namespaced, open, subdomain, templateMetadata } from "./fields.ts";
import { podTemplate } from "./pod.ts";
import { namesVolumes, restartsAlways, selectsItsPods } from "./selection.ts";

const claimTemplate = open({
  metadata: open({ ...templateMetadata.shape, name: subdomain }),
  spec: persistentVolumeClaimSpec,
});

export const statefulSet = open({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("StatefulSet"),
  metadata: namespaced(),
  spec: open({
    replicas: count.optional(),
    serviceName: z.string().optional(),
    selector: labelSelector,
    template: podTemplate,
    volumeClaimTemplates: z.array(claimTemplate).optional(),
  })
    .superRefine(selectsItsPods)
    .superRefine(restartsAlways)
    .superRefine(namesVolumes),
});
/** StatefulSet of apps/v1; each volume claim template stands for one claim a pod, mountable by its name. */
export type StatefulSet = z.output<typeof statefulSet>;
