import { z } from "zod";
import { complain, count, labelSelector, namespaced, open } from "./fields.ts";
import { podTemplate } from "./pod.ts";
import { namesVolumes } from "./selection.ts";

export const job = open({
  apiVersion: z.literal("batch/v1"),
  kind: z.literal("Job"),
  metadata: namespaced(),
  spec: open({
    template: podTemplate,
    backoffLimit: count.optional(),
    activeDeadlineSeconds: z.int().min(1).optional(),
    completions: count.optional(),
    parallelism: count.optional(),
    suspend: z.boolean().optional(),
    ttlSecondsAfterFinished: count.optional(),
    selector: labelSelector.optional(),
  })
    .superRefine(namesVolumes)
    .superRefine((spec, context) => {
      if (["OnFailure", "Never"].includes(spec.template.spec.restartPolicy ?? "")) return;
      complain(context, ["template", "spec", "restartPolicy"], "OnFailure or Never: a Job's pods end");
    }),
});
/** Job of batch/v1. */
export type Job = z.output<typeof job>;
