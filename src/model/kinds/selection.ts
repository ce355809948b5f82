import { z } from "zod";
import { complain, labelSelector } from "./fields.ts";
import { podTemplate } from "./pod.ts";

interface Selecting {
  selector: z.output<typeof labelSelector>;
  template: z.output<typeof podTemplate>;
}

/** The API refuses a template that the selector does not find: such pods would be orphans. */
export function selectsItsPods(spec: Selecting, context: z.RefinementCtx): void {
  const labels = spec.template.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(spec.selector.matchLabels ?? {})) {
    if (Object.hasOwn(labels, key) && labels[key] === value) continue;
    complain(context, ["selector", "matchLabels", key], "a label of spec.template.metadata.labels with the same value");
  }
}

/** Pods that a controller keeps running may not end for good. */
export function restartsAlways(spec: Selecting, context: z.RefinementCtx): void {
  if ((spec.template.spec.restartPolicy ?? "Always") === "Always") return;
  complain(context, ["template", "spec", "restartPolicy"], "Always (a Job runs to completion)");
}
