import { z } from "zod";
import { count, labelSelector, namespaced, open } from "./fields.ts";
import { podTemplate } from "./pod.ts";
import { namesVolumes, restartsAlways, selectsItsPods } from "./selection.ts";

export const deployment = open({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata: namespaced(),
  spec: open({ replicas: count.optional(), selector: labelSelector, template: podTemplate })
    .superRefine(selectsItsPods)
    .superRefine(restartsAlways)
    .superRefine(namesVolumes),
});
/** Deployment of apps/v1; one replica where none are named. */
export type Deployment = z.output<typeof deployment>;
