import type { z } from "zod";
import { complain } from "./fields.ts";
import { checkNames } from "./pod-names.ts";
import type { PodTemplate } from "./pod.ts";

interface Selecting {
  selector: { matchLabels?: Record<string, string> | undefined };
  template: PodTemplate;
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

/** See `checkNames`; volume claim templates are volumes too. */
export function namesVolumes(
  spec: { template: PodTemplate; volumeClaimTemplates?: { metadata: { name: string } }[] | undefined },
  context: z.RefinementCtx,
): void {
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  checkNames(spec.template.spec, claims, ["template", "spec"], context);
}
