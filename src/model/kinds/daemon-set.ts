import { z } from "zod";
import { labelSelector, namespaced, open } from "./fields.ts";
import { podTemplate } from "./pod.ts";
import { namesVolumes, restartsAlways, selectsItsPods } from "./selection.ts";

export const daemonSet = open({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("DaemonSet"),
  metadata: namespaced(),
  spec: open({ selector: labelSelector, template: podTemplate })
    .superRefine(selectsItsPods)
    .superRefine(restartsAlways)
    .superRefine(namesVolumes),
});
/** DaemonSet of apps/v1. */
export type DaemonSet = z.output<typeof daemonSet>;
